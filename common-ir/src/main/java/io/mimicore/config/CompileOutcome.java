package io.mimicore.config;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.ir.ApiIr;
import java.util.List;

/// What became of a file.
public sealed interface CompileOutcome {
    /// The file is right.
    ///
    /// @param diagnostics warnings only
    record Compiled(ApiIr api, List<Diagnostic> diagnostics) implements CompileOutcome {
        public Compiled {
            requireNonNull(api, "api");
            diagnostics = List.copyOf(diagnostics);
        }
    }

    /// The file is wrong.
    ///
    /// @param diagnostics at least one error, sorted by place
    record Rejected(List<Diagnostic> diagnostics) implements CompileOutcome {
        public Rejected {
            diagnostics = List.copyOf(diagnostics);
        }
    }

    /// Errors and warnings.
    List<Diagnostic> diagnostics();
}
