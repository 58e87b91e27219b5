package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Suggestions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads `method`: one, a list, or `*`.
final class MethodReader {
    /// RFC 9110 §9.1 and RFC 5789, without CONNECT, which makes a tunnel and no response.
    private static final List<String> KNOWN =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private final Problems problems;

    MethodReader(Problems problems) {
        this.problems = problems;
    }

    /// The methods, empty for `*`; absent when one is wrong, which is reported.
    @Nullable List<String> read(@Nullable LocatedJson method) {
        return switch (method) {
            case null -> null;
            case LocatedJson.Text text when text.text().equals("*") -> List.of();
            case LocatedJson.Text text -> isMethod(text) ? List.of(text.text()) : null;
            case LocatedJson.Array array -> list(array);
            case LocatedJson other -> {
                problems.error(
                        other,
                        DiagnosticCode.FIELD_TYPE,
                        "method: " + other.shown() + " (expected: a method, a list of them or *)",
                        "");
                yield null;
            }
        };
    }

    private @Nullable List<String> list(LocatedJson.Array array) {
        int before = problems.errors();
        List<String> methods = new ArrayList<>();
        if (array.elements().isEmpty()) {
            error(array, DiagnosticCode.FIELD_VALUE, "at least one method, or *", "");
        }
        for (LocatedJson element : array.elements()) {
            if (!(element instanceof LocatedJson.Text text)) {
                error(element, DiagnosticCode.FIELD_TYPE, "a method like GET", "");
            } else if (text.text().equals("*")) {
                error(
                        text,
                        DiagnosticCode.FIELD_CONFLICT,
                        "a method; * stands alone",
                        "write \"method\": \"*\" for every method");
            } else if (methods.contains(text.text())) {
                error(text, DiagnosticCode.DUPLICATE, "every method once", "");
            } else if (isMethod(text)) {
                methods.add(text.text());
            }
        }
        return problems.errors() == before ? methods : null;
    }

    /// Whether a text is a method that can be served or sent; reported if not.
    boolean isMethod(LocatedJson.Text text) {
        String method = text.text();
        String upper = method.toUpperCase(Locale.ROOT);
        if (!HeaderReader.isToken(method) || method.equals("*")) {
            error(text, DiagnosticCode.FIELD_VALUE, "a method like GET", "");
            return false;
        }
        if (!method.equals(upper)) {
            error(text, DiagnosticCode.FIELD_VALUE, "upper case", "write " + upper);
            return false;
        }
        if (method.equals("CONNECT")) {
            error(
                    text,
                    DiagnosticCode.FIELD_VALUE,
                    "a method with a response",
                    "CONNECT asks for a tunnel (RFC 9110 §9.3.6)");
            return false;
        }
        if (!KNOWN.contains(method)) {
            Suggestions.closest(method, KNOWN)
                    .ifPresent(near ->
                            problems.warning(
                                    text,
                                    DiagnosticCode.FIELD_VALUE,
                                    "method: "
                                            + text.shown()
                                            + " (expected: a method that is in use)",
                                    "did you mean " + near + "?"));
        }
        return true;
    }

    private void error(LocatedJson at, DiagnosticCode code, String expected, String hint) {
        problems.error(at, code, "method: " + at.shown() + " (expected: " + expected + ")", hint);
    }
}
