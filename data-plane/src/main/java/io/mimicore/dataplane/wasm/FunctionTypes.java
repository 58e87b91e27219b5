package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.List;
import java.util.Map;

/// The WASM types that functions at the border must have.
final class FunctionTypes {
    private static final ValType I32 = ValType.I32;
    private static final ValType I64 = ValType.I64;

    private static final FunctionType BYTES_IN_AND_OUT =
            FunctionType.of(List.of(I32, I32), List.of(I64));

    /// `mimicore_alloc`.
    static final FunctionType ALLOCATOR = FunctionType.of(List.of(I32), List.of(I32));

    /// `_initialize`, `mimicore_warm`.
    static final FunctionType ACTION = FunctionType.empty();

    /// Of the functions of WASI preview 1 that [WasiHost] reads arguments of: all return an
    /// `errno`.
    private static final Map<String, List<ValType>> WASI_PARAMETERS =
            Map.of(
                    "clock_time_get", List.of(I32, I64, I32),
                    "clock_res_get", List.of(I32, I32),
                    "random_get", List.of(I32, I32),
                    "fd_write", List.of(I32, I32, I32, I32),
                    "poll_oneoff", List.of(I32, I32, I32, I32),
                    "args_sizes_get", List.of(I32, I32),
                    "environ_sizes_get", List.of(I32, I32));

    private static final FunctionType WASI_EXIT = FunctionType.of(List.of(I32), List.of());

    private FunctionTypes() {}

    /// The type of the exported function `name`, which must exist.
    static FunctionType ofExport(WasmModule module, String name) {
        var exports = module.exportSection();
        for (int i = 0; i < exports.exportCount(); i++) {
            if (exports.getExport(i).name().equals(name)) {
                return module.typeSection()
                        .getType(typeOfFunction(module, exports.getExport(i).index()));
            }
        }
        throw new IllegalArgumentException("name: " + name + " (expected: an export)");
    }

    private static int typeOfFunction(WasmModule module, int function) {
        int imported = module.importSection().count(ExternalType.FUNCTION);
        if (function >= imported) {
            return module.functionSection().getFunctionType(function - imported);
        }
        return module.importSection().stream()
                .filter(FunctionImport.class::isInstance)
                .map(FunctionImport.class::cast)
                .skip(function)
                .findFirst()
                .orElseThrow()
                .typeIndex();
    }

    /// The type that a function of this signature is exported with.
    static FunctionType of(FunctionSignature signature) {
        return switch (signature) {
            case FunctionSignature.Numeric numeric -> {
                NumericType result = numeric.result();
                yield FunctionType.of(
                        numeric.parameters().stream().map(FunctionTypes::of).toList(),
                        result == null ? List.of() : List.of(of(result)));
            }
            case FunctionSignature.Raw _, FunctionSignature.Json _ -> BYTES_IN_AND_OUT;
        };
    }

    private static ValType of(NumericType type) {
        if (type.isFloat()) {
            return type.isWide() ? ValType.F64 : ValType.F32;
        }
        return type.isWide() ? I64 : I32;
    }

    /// Refuses a function of WASI whose type is not the one it must have.
    static void requireWasi(String name, FunctionType type) throws PrepareException {
        List<ValType> parameters = WASI_PARAMETERS.get(name);
        boolean fits;
        if (name.equals("proc_exit")) {
            fits = type.equals(WASI_EXIT);
        } else {
            fits =
                    type.returns().equals(List.of(I32))
                            && (parameters == null || type.params().equals(parameters));
        }
        if (!fits) {
            throw new PrepareException(
                    "import: " + name + " of type " + type + " (expected: WASI preview 1's)");
        }
    }
}
