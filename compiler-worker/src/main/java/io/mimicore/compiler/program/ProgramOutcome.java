package io.mimicore.compiler.program;

import static java.util.Objects.requireNonNull;

import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.build.SourceProblem;
import java.util.List;

/// What became of a program.
public sealed interface ProgramOutcome {
    /// It is built, and nothing is published yet.
    ///
    /// @param module the WASM module, not copied
    /// @param classes the jar of machine classes, not copied
    record Built(ArtifactManifest manifest, byte[] module, byte[] classes)
            implements ProgramOutcome {
        public Built {
            requireNonNull(manifest, "manifest");
            requireNonNull(module, "module");
            requireNonNull(classes, "classes");
        }
    }

    /// It is wrong.
    record Refused(List<SourceProblem> problems) implements ProgramOutcome {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /// It ran into a limit, or failed without a word that could be placed. Worth another try.
    record Inconclusive(SourceProblem problem) implements ProgramOutcome {
        public Inconclusive {
            requireNonNull(problem, "problem");
        }
    }
}
