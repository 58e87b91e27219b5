package io.mimicore.config;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.Diagnostic;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a file turned out to be.
public sealed interface ReadOutcome {
    /// A config, right or wrong.
    ///
    /// @param diagnostics what is wrong without looking at the code; [ConfigCompiler] reports all
    ///   of it again, together with what only the code can tell
    record Read(ConfigDocument document, List<Diagnostic> diagnostics) implements ReadOutcome {
        public Read {
            requireNonNull(document, "document");
            diagnostics = List.copyOf(diagnostics);
        }
    }

    /// Nothing that could be compiled: not JSON, or without a name for its API.
    ///
    /// @param api the API's name where it could be read all the same; absent: unknown
    /// @param diagnostics at least one error, sorted by place
    record Unreadable(@Nullable String api, List<Diagnostic> diagnostics) implements ReadOutcome {
        public Unreadable {
            diagnostics = List.copyOf(diagnostics);
        }
    }

    /// Errors and warnings, sorted by place.
    List<Diagnostic> diagnostics();
}
