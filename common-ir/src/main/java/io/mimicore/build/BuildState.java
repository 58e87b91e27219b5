package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// How far a build is, as the store says at `build/{key}/state`.
public sealed interface BuildState {
    /// How often it was begun.
    int attempt();

    /// It waits for a worker.
    ///
    /// @param reason why it waits again; empty at first
    /// @param sinceMillis when it began to wait, in milliseconds of the epoch by the writer's
    ///   clock; 0: not told
    record Queued(String reason, int attempt, long sinceMillis) implements BuildState {
        public Queued {
            requireNonNull(reason, "reason");
            requireAttempt(attempt);
        }
    }

    /// A worker is at it, if `build/{key}/owner` exists; otherwise that worker was lost.
    ///
    /// @param sinceMillis when the attempt began, in milliseconds of the epoch by the worker's
    ///   clock; 0: not told
    record Running(int attempt, String worker, long sinceMillis) implements BuildState {
        public Running {
            requireAttempt(attempt);
            requireNonNull(worker, "worker");
        }
    }

    /// It is built and published.
    ///
    /// @param bytes size of the artifact
    /// @param millis how long the build took
    record Done(
            Digest artifact,
            long bytes,
            List<FunctionSignature> functions,
            long millis,
            int attempt)
            implements BuildState {
        public Done {
            requireNonNull(artifact, "artifact");
            functions = List.copyOf(functions);
            requireAttempt(attempt);
        }
    }

    /// The program is wrong.
    record Failed(List<SourceProblem> problems, int attempt) implements BuildState {
        public Failed {
            problems = List.copyOf(problems);
            requireAttempt(attempt);
        }
    }

    private static void requireAttempt(int attempt) {
        if (attempt < 0) {
            throw new IllegalArgumentException("attempt: " + attempt + " (expected: >= 0)");
        }
    }
}
