package io.mimicore.template;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.DiagnosticCode;

/// What is wrong with a template, and where in its string.
///
/// @param offset of the first wrong character, a UTF-16 index into the decoded string
/// @param length in UTF-16 code units; 0: at the end of the string
/// @param hint how to mend it; empty: none
public record TemplateProblem(
        int offset, int length, DiagnosticCode code, String message, String hint) {
    public TemplateProblem {
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException(
                    "place: " + offset + ", " + length + " characters (expected: >= 0)");
        }
        requireNonNull(code, "code");
        requireNonNull(message, "message");
        requireNonNull(hint, "hint");
    }
}
