package io.mimicore.compiler.checks;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The functions that a module exports, and which of them a template can call.
///
/// WASM's types do not say more than width and kind, so a module that its author built is read like
/// this: `i32` is `int32`, `i64` is `int64`, `f32` and `f64` are what they are; a function of
/// `(i32, i32) -> i64` carries bytes if the module exports `mimicore_alloc` too, and is numeric
/// otherwise. What has several results, other types or a reserved name cannot be called.
final class ExportedFunctions {
    static final String INITIALIZE = "_initialize";
    static final String START = "_start";
    static final String ALLOCATE = "mimicore_alloc";
    static final String WARM = "mimicore_warm";

    static final FunctionType ALLOCATE_TYPE =
            FunctionType.of(List.of(ValType.I32), List.of(ValType.I32));
    static final FunctionType BYTES_TYPE =
            FunctionType.of(List.of(ValType.I32, ValType.I32), List.of(ValType.I64));

    /// What a template can name.
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");

    private static final String RESERVED_PREFIX = "mimicore_";
    private static final String MEMORY = "memory";

    private final Map<String, FunctionType> types = new LinkedHashMap<>();
    private boolean memory;

    ExportedFunctions(WasmModule module) {
        var section = module.exportSection();
        for (int i = 0; i < section.exportCount(); i++) {
            Export export = section.getExport(i);
            if (export.exportType() == ExternalType.FUNCTION) {
                types.put(export.name(), typeOfFunction(module, export.index()));
            } else if (export.exportType() == ExternalType.MEMORY) {
                memory |= export.name().equals(MEMORY);
            }
        }
    }

    /// The type of an exported function. Absent: there is none of that name.
    @Nullable FunctionType type(String name) {
        return types.get(name);
    }

    boolean hasMemory() {
        return memory;
    }

    /// What a template can call in a module that its author built.
    List<FunctionSignature> callable() {
        List<FunctionSignature> functions = new ArrayList<>();
        types.forEach((name, type) -> {
            FunctionSignature function = isReserved(name) ? null : signature(name, type);
            if (function != null) {
                functions.add(function);
            }
        });
        return functions;
    }

    private @Nullable FunctionSignature signature(String name, FunctionType type) {
        if (type.equals(BYTES_TYPE) && types.containsKey(ALLOCATE)) {
            return new FunctionSignature.Raw(name);
        }
        List<NumericType> parameters = new ArrayList<>();
        for (ValType parameter : type.params()) {
            NumericType numeric = numeric(parameter);
            if (numeric == null) {
                return null;
            }
            parameters.add(numeric);
        }
        if (type.returns().isEmpty()) {
            return new FunctionSignature.Numeric(name, parameters, null);
        }
        NumericType result = type.returns().size() == 1 ? numeric(type.returns().getFirst()) : null;
        return result == null ? null : new FunctionSignature.Numeric(name, parameters, result);
    }

    private static @Nullable NumericType numeric(ValType type) {
        return switch (type.opcode()) {
            case ValType.ID.I32 -> NumericType.INT32;
            case ValType.ID.I64 -> NumericType.INT64;
            case ValType.ID.F32 -> NumericType.FLOAT32;
            case ValType.ID.F64 -> NumericType.FLOAT64;
            default -> null;
        };
    }

    private static boolean isReserved(String name) {
        return name.equals(INITIALIZE)
                || name.equals(START)
                || name.startsWith(RESERVED_PREFIX)
                || !NAME.matcher(name).matches();
    }

    private static FunctionType typeOfFunction(WasmModule module, int function) {
        int imported = module.importSection().count(ExternalType.FUNCTION);
        if (function >= imported) {
            return module.functionSection()
                    .getFunctionType(function - imported, module.typeSection());
        }
        int index =
                module.importSection().stream()
                        .filter(FunctionImport.class::isInstance)
                        .map(FunctionImport.class::cast)
                        .skip(function)
                        .findFirst()
                        .orElseThrow()
                        .typeIndex();
        return module.typeSection().getType(index);
    }
}
