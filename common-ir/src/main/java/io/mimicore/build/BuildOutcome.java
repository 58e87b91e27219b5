package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What became of a build.
public sealed interface BuildOutcome {
    /// It is built and published.
    record Built(Digest key, Digest artifact, List<FunctionSignature> functions)
            implements BuildOutcome {
        public Built {
            requireNonNull(key, "key");
            requireNonNull(artifact, "artifact");
            functions = List.copyOf(functions);
        }
    }

    /// The program is wrong. Remembered under the key.
    record Rejected(List<SourceProblem> problems) implements BuildOutcome {
        public Rejected {
            problems = List.copyOf(problems);
        }
    }

    /// No worker could do it. Not remembered.
    record Unavailable(String reason) implements BuildOutcome {
        public Unavailable {
            requireNonNull(reason, "reason");
        }
    }
}
