package io.mimicore.compiler.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// How a command ended.
public sealed interface SandboxOutcome {
    /// By itself.
    ///
    /// @param status 0: success; above 128: killed by a signal, of which the processor time limit
    ///   is one
    /// @param output standard output, cut at the limit
    /// @param errors standard error as text, cut at the limit
    record Exited(int status, byte[] output, String errors) implements SandboxOutcome {
        public Exited {
            requireNonNull(output, "output");
            requireNonNull(errors, "errors");
        }
    }

    /// It was killed with all it had started, because its wall time was over.
    record TimedOut(Duration limit) implements SandboxOutcome {
        public TimedOut {
            requireNonNull(limit, "limit");
        }
    }
}
