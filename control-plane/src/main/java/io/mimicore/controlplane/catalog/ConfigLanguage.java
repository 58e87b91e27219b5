package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildOutcome;
import io.mimicore.config.CodeSource;
import io.mimicore.config.ConfigFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a file becomes IR. Thread-safe; takes processor time and nothing else.
public interface ConfigLanguage {
    /// Changes when the same file may become another IR.
    String version();

    /// Whether `content` is at least whole; what is not may be a file that is being written.
    boolean isWellFormed(byte[] content);

    /// Reads everything that stands in the file.
    Reading read(ConfigFile file);

    /// What a file says.
    sealed interface Reading {
        /// The file declares an API; whether rightly, its compilation tells.
        record Declared(Draft draft) implements Reading {
            public Declared {
                requireNonNull(draft, "draft");
            }
        }

        /// The file cannot be understood.
        ///
        /// @param api the API it seems to declare; absent: unknown
        record Unreadable(@Nullable String api, List<Diagnostic> problems) implements Reading {
            public Unreadable {
                problems = List.copyOf(problems);
            }
        }
    }

    /// A file that was read.
    interface Draft {
        /// The API it declares.
        String api();

        /// Where the file gives the API its name.
        Place apiPlace();

        /// The code that must be built before it can be compiled; absent: none.
        @Nullable CodeSource code();

        /// Compiles it.
        ///
        /// @param code what became of its code; absent: it has none
        Form compile(@Nullable BuildOutcome code);
    }

    /// What a file became.
    sealed interface Form {
        /// It is right.
        ///
        /// @param ir encoded, not copied
        record Compiled(byte[] ir, int routes, List<Diagnostic> warnings) implements Form {
            public Compiled {
                requireNonNull(ir, "ir");
                warnings = List.copyOf(warnings);
            }
        }

        /// It is wrong.
        record Rejected(List<Diagnostic> problems) implements Form {
            public Rejected {
                problems = List.copyOf(problems);
            }
        }
    }
}
