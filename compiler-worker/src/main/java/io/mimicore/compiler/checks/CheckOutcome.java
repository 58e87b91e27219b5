package io.mimicore.compiler.checks;

import static java.util.Objects.requireNonNull;

import com.dylibso.chicory.wasm.WasmModule;
import io.mimicore.build.SourceProblem;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What the checks of a module gave.
public sealed interface CheckOutcome {
    /// It may be published.
    ///
    /// @param functions what templates can call
    record Passed(WasmModule module, List<FunctionSignature> functions) implements CheckOutcome {
        public Passed {
            requireNonNull(module, "module");
            functions = List.copyOf(functions);
        }
    }

    /// It may not.
    record Refused(List<SourceProblem> problems) implements CheckOutcome {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
