package io.mimicore.diagnostics;

import static java.util.Objects.requireNonNull;

/// A place in an author's file.
///
/// @param file the file's name as the author knows it
/// @param line 1-based
/// @param column 1-based, in characters (UTF-16 code units)
/// @param pointer JSON Pointer (RFC 6901) of the value; empty: the whole file
/// @param goLine the line in `inline_source` that it belongs to, 1-based; 0: none
public record Place(String file, int line, int column, String pointer, int goLine) {
    public Place {
        requireNonNull(file, "file");
        requireNonNull(pointer, "pointer");
        if (line < 1 || column < 1 || goLine < 0) {
            throw new IllegalArgumentException(
                    "place: "
                            + line
                            + ":"
                            + column
                            + ", go line "
                            + goLine
                            + " (expected: 1-based)");
        }
    }

    /// A place outside inline Go source.
    public static Place of(String file, int line, int column, String pointer) {
        return new Place(file, line, column, pointer, 0);
    }
}
