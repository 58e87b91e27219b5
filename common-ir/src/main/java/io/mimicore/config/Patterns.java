package io.mimicore.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import org.jspecify.annotations.Nullable;

/// Checks regular expressions, above all against RE2's syntax, which matches in linear time.
final class Patterns {
    private final Problems problems;

    Patterns(Problems problems) {
        this.problems = problems;
    }

    /// Whether the text is a pattern in RE2 syntax; reported if not.
    ///
    /// @param label how messages call the field
    boolean check(LocatedJson.Text at, String label) {
        Fault fault = re2Fault(at.text());
        if (fault == null) {
            return true;
        }
        problems.add(
                Diagnostic.error(
                        place(at.text(), fault, at.offset(), at.pointer()),
                        DiagnosticCode.PATTERN_SYNTAX,
                        fault.message(label) + " (expected: RE2 syntax)",
                        hint(at.text())));
        return false;
    }

    /// Checks a pattern of a JSON Schema, whose standard asks for ECMAScript's syntax: what RE2
    /// does not have runs on an engine that backtracks, within a limit, which is worth a warning.
    ///
    /// @param label how messages call the keyword
    /// @param literalOffset of the string's opening quote
    void checkInSchema(String pattern, String label, int literalOffset, Pointer pointer) {
        Fault fault = re2Fault(pattern);
        if (fault == null) {
            return;
        }
        Place place = place(pattern, fault, literalOffset, pointer);
        try {
            java.util.regex.Pattern.compile(pattern);
        } catch (java.util.regex.PatternSyntaxException _) {
            problems.add(
                    Diagnostic.error(
                            place,
                            DiagnosticCode.PATTERN_SYNTAX,
                            fault.message(label) + " (expected: a regular expression)",
                            hint(pattern)));
            return;
        }
        problems.add(
                Diagnostic.warning(
                        place,
                        DiagnosticCode.PATTERN_SYNTAX,
                        fault.message(label) + " (expected: RE2 syntax)",
                        "it works, but backtracks: a value that needs too many steps is refused"));
    }

    /// What RE2 does not take.
    ///
    /// @param part the piece of the pattern that is meant
    private record Fault(String description, String part) {
        String message(String label) {
            return label + ": " + description + ": " + part;
        }
    }

    private static @Nullable Fault re2Fault(String pattern) {
        try {
            Pattern.compile(pattern);
            return null;
        } catch (PatternSyntaxException e) {
            return new Fault(e.getDescription(), e.getPattern());
        }
    }

    private Place place(String pattern, Fault fault, int literalOffset, Pointer pointer) {
        int inside = Math.max(0, pattern.indexOf(fault.part()));
        SourceText source = problems.source();
        return source.place(source.offsetInside(literalOffset, inside), pointer);
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
