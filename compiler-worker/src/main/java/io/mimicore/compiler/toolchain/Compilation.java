package io.mimicore.compiler.toolchain;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.SourceProblem;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What became of a program in a toolchain.
public sealed interface Compilation {
    /// It compiled.
    ///
    /// @param wasm the module, unchecked and not copied
    /// @param functions what it says it exports
    /// @param wrapped whether the module carries the calling convention's own functions, as those
    ///   that this worker made do
    record Compiled(byte[] wasm, List<FunctionSignature> functions, boolean wrapped)
            implements Compilation {
        public Compiled {
            requireNonNull(wasm, "wasm");
            functions = List.copyOf(functions);
        }
    }

    /// It is wrong, and would be on any machine.
    record Refused(List<SourceProblem> problems) implements Compilation {
        public Refused {
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("problems: none (expected: at least one)");
            }
            problems = List.copyOf(problems);
        }

        /// Refused for one reason.
        static Refused of(SourceProblem problem) {
            return new Refused(List.of(problem));
        }
    }

    /// It ran into a limit, or failed without a word that could be placed: the program or the
    /// machine may be at fault. Worth another try; if that ends the same way, it is the program.
    ///
    /// @param problem what to tell the author in the end
    record Inconclusive(SourceProblem problem) implements Compilation {
        public Inconclusive {
            requireNonNull(problem, "problem");
        }
    }
}
