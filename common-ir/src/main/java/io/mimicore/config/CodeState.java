package io.mimicore.config;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What became of the code that a [ConfigDocument#code()] asks for.
public sealed interface CodeState {
    /// The file asks for none.
    record NoCode() implements CodeState {}

    /// It is built.
    ///
    /// @param buildKey names the build
    /// @param functions what can be called
    record Built(Digest buildKey, List<FunctionSignature> functions) implements CodeState {
        public Built {
            requireNonNull(buildKey, "buildKey");
            functions = List.copyOf(functions);
        }
    }

    /// It is wrong.
    record Rejected(List<SourceProblem> problems) implements CodeState {
        public Rejected {
            problems = List.copyOf(problems);
        }
    }

    /// It could not be built, or its file could not be read.
    ///
    /// @param reason for the author
    record Unavailable(String reason) implements CodeState {
        public Unavailable {
            requireNonNull(reason, "reason");
        }
    }
}
