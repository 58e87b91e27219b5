package io.mimicore.build;

import static java.util.Objects.requireNonNull;

/// A problem of an author's program, at a place in the program's own text.
///
/// @param line 1-based; 0: no place
/// @param column 1-based, in UTF-8 bytes; 0: unknown
/// @param code stable, `GO_…`
/// @param hint how to mend it; empty: none
public record SourceProblem(int line, int column, String code, String message, String hint) {
    public SourceProblem {
        requireNonNull(code, "code");
        requireNonNull(message, "message");
        requireNonNull(hint, "hint");
    }
}
