package io.mimicore.compiler.trial;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;

/// How a module started.
public sealed interface TrialOutcome {
    /// It started, or was not tried because it needs more memory than a trial has.
    record Started() implements TrialOutcome {}

    /// It failed by itself.
    record Failed(SourceProblem problem) implements TrialOutcome {
        public Failed {
            requireNonNull(problem, "problem");
        }
    }

    /// It was stopped when its time was over.
    record TooSlow(SourceProblem problem) implements TrialOutcome {
        public TooSlow {
            requireNonNull(problem, "problem");
        }
    }
}
