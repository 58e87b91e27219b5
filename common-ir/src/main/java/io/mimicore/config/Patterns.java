package io.mimicore.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.mimicore.diagnostics.DiagnosticCode;

/// Checks regular expressions against RE2's syntax, which matches in linear time.
final class Patterns {
    private final Problems problems;

    Patterns(Problems problems) {
        this.problems = problems;
    }

    /// Whether the text is a pattern; reported if not.
    ///
    /// @param label how messages call the field
    boolean check(LocatedJson.Text at, String label) {
        return check(at.text(), label, at.offset(), at.pointer());
    }

    /// Whether a string of the file is a pattern; reported if not.
    ///
    /// @param literalOffset of the string's opening quote
    boolean check(String pattern, String label, int literalOffset, Pointer pointer) {
        try {
            Pattern.compile(pattern);
            return true;
        } catch (PatternSyntaxException e) {
            int inside = Math.max(0, pattern.indexOf(e.getPattern()));
            problems.error(
                    problems.source().offsetInside(literalOffset, inside),
                    pointer,
                    DiagnosticCode.PATTERN_SYNTAX,
                    label
                            + ": "
                            + e.getDescription()
                            + ": "
                            + e.getPattern()
                            + " (expected: RE2 syntax)",
                    hint(pattern));
            return false;
        }
    }

    private static String hint(String pattern) {
        if (pattern.contains("(?=") || pattern.contains("(?!") || pattern.contains("(?<")) {
            return "RE2 has no look-ahead and no look-behind";
        }
        if (pattern.matches(".*\\\\[1-9].*")) {
            return "RE2 has no back-references";
        }
        if (pattern.contains("\\u")) {
            return "RE2 writes a character by its code as \\x{00e9}";
        }
        return "";
    }
}
