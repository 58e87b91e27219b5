package io.mimicore.compiler.checks;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.toolchain.Compilation.Compiled;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Checks a module before it is published: form, imports, exports, declared sizes. Runs nothing of
/// it.
///
/// A module that this worker compiled must export the functions its toolchain announced. One that
/// its author built says through its exports what can be called, see [ExportedFunctions].
public final class ModuleChecks {
    /// Largest memory a node gives to an instance, in pages of 64 KiB: 2047 MiB.
    private static final int PAGES_MAX = 2_047 * 16;

    /// Entries of all tables together. Go's programs have some thousands.
    private static final long TABLE_ENTRIES_MAX = 1_000_000;

    private static final int IMPORTS_NAMED_MAX = 20;

    private final List<SourceProblem> problems = new ArrayList<>();
    private final WasmModule module;
    private final ExportedFunctions exports;

    private ModuleChecks(WasmModule module) {
        this.module = module;
        exports = new ExportedFunctions(module);
    }

    /// Checks what a toolchain gave.
    // Boundary to a parser that answers malformed input with many kinds of exceptions, and does not
    // compare every index with the section it points into.
    @SuppressWarnings("IllegalCatch")
    public static CheckOutcome check(Compiled compiled) {
        try {
            return new ModuleChecks(Parser.parse(compiled.wasm()))
                    .check(compiled.functions(), compiled.wrapped());
        } catch (RuntimeException e) {
            return malformed(e.getMessage() == null ? e.toString() : e.getMessage());
        } catch (StackOverflowError e) {
            return malformed("it is nested too deeply");
        }
    }

    private static CheckOutcome malformed(String how) {
        return new CheckOutcome.Refused(
                List.of(
                        problem(
                                "WASM_MALFORMED",
                                "the module does not validate: " + how,
                                "build it with a toolchain for WebAssembly 2.0; threads,"
                                        + " components and wasm64 do not run here")));
    }

    private CheckOutcome check(List<FunctionSignature> announced, boolean wrapped) {
        checkImports();
        checkMemory();
        checkState();
        checkStart();
        List<FunctionSignature> functions = wrapped ? announced : exports.callable();
        checkFunctions(functions, wrapped);
        return problems.isEmpty()
                ? new CheckOutcome.Passed(module, functions)
                : new CheckOutcome.Refused(problems);
    }

    private void checkImports() {
        Set<String> refused = new HashSet<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import wanted = module.importSection().getImport(i);
            boolean allowed =
                    wanted instanceof FunctionImport
                            && wanted.module().equals(WasiCalls.MODULE)
                            && WasiCalls.isAllowed(wanted.name());
            String name = wanted.module() + "." + wanted.name();
            if (!allowed && refused.add(name) && refused.size() <= IMPORTS_NAMED_MAX) {
                add(
                        "WASM_IMPORT",
                        "import: " + name + " (expected: functions of " + WasiCalls.MODULE + ")",
                        "user code reaches nothing outside: pass what it needs as arguments");
            }
        }
    }

    private void checkMemory() {
        var section = module.memorySection();
        int count = section.isEmpty() ? 0 : section.get().memoryCount();
        if (count != 1) {
            add(
                    "WASM_MEMORY",
                    "memories: " + count + " (expected: one of its own)",
                    "declare one memory and import none");
            return;
        }
        MemoryLimits limits = section.orElseThrow().getMemory(0).limits();
        if (limits.shared()) {
            add("WASM_MEMORY", "the memory is shared", "build the module without threads");
        }
        if (limits.initialPages() > PAGES_MAX) {
            add(
                    "WASM_MEMORY",
                    "memory: "
                            + limits.initialPages()
                            + " pages at the start (expected: at most "
                            + PAGES_MAX
                            + " of 64 KiB)",
                    "let the memory grow instead");
        }
    }

    /// Refuses state that a node cannot put back after a call.
    private void checkState() {
        var globals = module.globalSection();
        for (int i = 0; i < globals.globalCount(); i++) {
            if (globals.getGlobal(i).mutabilityType() == MutabilityType.Var
                    && globals.getGlobal(i).valueType().isReference()) {
                add(
                        "WASM_STATE",
                        "global " + i + " is a variable reference (expected: a number)",
                        "build the module without reference types");
                break;
            }
        }
        for (int i = 0; i < module.typeSection().subTypeCount(); i++) {
            if (module.typeSection().getSubType(i).compType().funcType() == null) {
                add(
                        "WASM_STATE",
                        "type " + i + " is garbage-collected (expected: function types only)",
                        "build the module without the garbage collection proposal");
                break;
            }
        }
        long entries = 0;
        for (int i = 0; i < module.tableSection().tableCount(); i++) {
            entries += module.tableSection().getTable(i).limits().min();
        }
        if (entries > TABLE_ENTRIES_MAX) {
            add(
                    "WASM_STATE",
                    "table entries: " + entries + " (expected: at most " + TABLE_ENTRIES_MAX + ")",
                    "");
        }
    }

    /// A command does its work in `_start` and is over; its other exports may not be called.
    private void checkStart() {
        boolean reactor = exports.type(ExportedFunctions.INITIALIZE) != null;
        if (!reactor && exports.type(ExportedFunctions.START) != null) {
            add(
                    "WASM_COMMAND",
                    "the module is a command: it exports _start and no _initialize",
                    "build it as a reactor: for Go -buildmode=c-shared, for Rust crate-type"
                            + " cdylib, for clang -mexec-model=reactor");
        }
        checkType(ExportedFunctions.INITIALIZE, FunctionType.empty());
        checkType(ExportedFunctions.WARM, FunctionType.empty());
        checkType(ExportedFunctions.ALLOCATE, ExportedFunctions.ALLOCATE_TYPE);
    }

    private void checkFunctions(List<FunctionSignature> functions, boolean wrapped) {
        if (!wrapped && functions.isEmpty()) {
            add(
                    "WASM_NO_FUNCTIONS",
                    "the module exports no function that a template can call",
                    "export functions of i32, i64, f32 and f64, or of (i32, i32) -> i64 beside"
                            + " mimicore_alloc");
        }
        boolean carriesBytes = false;
        for (FunctionSignature function : functions) {
            checkExported(function);
            carriesBytes |= !(function instanceof FunctionSignature.Numeric);
        }
        if (carriesBytes && exports.type(ExportedFunctions.ALLOCATE) == null) {
            add("WASM_EXPORT", "mimicore_alloc is not exported", "");
        }
        if (carriesBytes && !exports.hasMemory()) {
            add("WASM_EXPORT", "memory is not exported", "export the memory as \"memory\"");
        }
    }

    private void checkExported(FunctionSignature function) {
        FunctionType actual = exports.type(function.name());
        FunctionType expected = typeOf(function);
        if (actual == null) {
            add("WASM_EXPORT", function.name() + " is not exported", "");
        } else if (!actual.equals(expected)) {
            add(
                    "WASM_EXPORT",
                    function.name() + ": " + actual + " (expected: " + expected + ")",
                    "");
        }
    }

    private void checkType(String name, FunctionType expected) {
        FunctionType actual = exports.type(name);
        if (actual != null && !actual.equals(expected)) {
            add(
                    "WASM_EXPORT",
                    name + ": " + actual + " (expected: " + expected + ")",
                    "the name is reserved: export the function under another one");
        }
    }

    private static FunctionType typeOf(FunctionSignature signature) {
        return switch (signature) {
            case FunctionSignature.Numeric numeric -> {
                NumericType result = numeric.result();
                yield FunctionType.of(
                        numeric.parameters().stream().map(ModuleChecks::typeOf).toList(),
                        result == null ? List.of() : List.of(typeOf(result)));
            }
            case FunctionSignature.Raw _, FunctionSignature.Json _ -> ExportedFunctions.BYTES_TYPE;
        };
    }

    private static ValType typeOf(NumericType type) {
        if (type.isFloat()) {
            return type.isWide() ? ValType.F64 : ValType.F32;
        }
        return type.isWide() ? ValType.I64 : ValType.I32;
    }

    private void add(String code, String message, String hint) {
        problems.add(problem(code, message, hint));
    }

    private static SourceProblem problem(String code, String message, String hint) {
        return new SourceProblem(0, 0, code, message, hint);
    }
}
