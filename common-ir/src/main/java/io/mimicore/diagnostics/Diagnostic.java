package io.mimicore.diagnostics;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/// One problem of an author's file.
///
/// @param place where it is
/// @param code stable; see [DiagnosticCode]
/// @param message what is wrong, with the value and what was expected
/// @param hint how to mend it; empty: none
public record Diagnostic(
        Severity severity, Place place, DiagnosticCode code, String message, String hint) {
    /// By place, then code.
    public static final Comparator<Diagnostic> BY_PLACE =
            Comparator.comparing((Diagnostic d) -> d.place().file())
                    .thenComparingInt(d -> d.place().line())
                    .thenComparingInt(d -> d.place().column())
                    .thenComparing(Diagnostic::code);

    public Diagnostic {
        requireNonNull(severity, "severity");
        requireNonNull(place, "place");
        requireNonNull(code, "code");
        requireNonNull(message, "message");
        requireNonNull(hint, "hint");
    }

    /// How bad it is: an error keeps the file from going live.
    public enum Severity {
        ERROR,
        WARNING
    }

    /// An error.
    public static Diagnostic error(Place place, DiagnosticCode code, String message, String hint) {
        return new Diagnostic(Severity.ERROR, place, code, message, hint);
    }

    /// A warning.
    public static Diagnostic warning(
            Place place, DiagnosticCode code, String message, String hint) {
        return new Diagnostic(Severity.WARNING, place, code, message, hint);
    }

    /// Whether it keeps the file from going live.
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /// `file:line:col: error CODE: message`, as compilers print it.
    public String headline() {
        return place.file()
                + ":"
                + place.line()
                + ":"
                + place.column()
                + ": "
                + (isError() ? "error " : "warning ")
                + code
                + ": "
                + message;
    }
}
