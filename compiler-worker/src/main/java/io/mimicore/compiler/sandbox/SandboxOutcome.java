package io.mimicore.compiler.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// How a command ended.
public sealed interface SandboxOutcome {
    /// What a shell makes of death by SIGKILL, with which Linux ends who uses up its time.
    int KILLED = 128 + 9;

    /// What a shell makes of death by SIGXCPU.
    int OUT_OF_TIME = 128 + 24;

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

        /// Whether it, or a Go program that it started, came to the end of its memory or of its
        /// processor time.
        public boolean isOutOfMeans() {
            return status == KILLED
                    || status == OUT_OF_TIME
                    || errors.contains("signal: killed")
                    || errors.contains("signal: CPU time limit exceeded")
                    || errors.contains("out of memory");
        }
    }

    /// It was killed with all it had started, because that was too many.
    record TooManyProcesses(int limit) implements SandboxOutcome {}

    /// It was killed with all it had started, because its wall time was over.
    record TimedOut(Duration limit) implements SandboxOutcome {
        public TimedOut {
            requireNonNull(limit, "limit");
        }
    }
}
