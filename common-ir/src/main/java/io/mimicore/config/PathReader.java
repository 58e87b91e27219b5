package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.PathPattern;
import org.jspecify.annotations.Nullable;

/// Reads `path` of a route.
final class PathReader {
    private final Problems problems;

    PathReader(Problems problems) {
        this.problems = problems;
    }

    @Nullable PathPattern read(LocatedJson.@Nullable Text path) {
        if (path == null) {
            return null;
        }
        String text = path.text();
        if (text.chars().anyMatch(Character::isISOControl)) {
            error(path, "path: " + path.shown() + " (expected: no control characters)", "");
            return null;
        }
        try {
            return PathPattern.parse(text);
        } catch (IllegalArgumentException e) {
            error(path, String.valueOf(e.getMessage()), hint(text));
            return null;
        }
    }

    private void error(LocatedJson.Text path, String message, String hint) {
        problems.error(path, DiagnosticCode.PATH_SYNTAX, message, hint);
    }

    private static String hint(String text) {
        if (text.matches("(?i)https?://.*")) {
            return "write the path alone; hosts stand in `hosts`";
        }
        if (text.isEmpty() || (!text.startsWith("/") && !text.startsWith("{"))) {
            return "write /" + text;
        }
        if (text.contains("?")) {
            return "query parameters are checked by validate.query and read by transform.extract";
        }
        if (text.contains("...")) {
            return "{name...} takes the rest of the path, so nothing can follow it";
        }
        return "";
    }

    /// What two patterns have in common when they take the same paths: everything but the names of
    /// parameters.
    static String shape(PathPattern path) {
        StringBuilder shape = new StringBuilder();
        for (PathPattern.Segment segment : path.segments()) {
            shape.append('/');
            switch (segment) {
                // A control character, so that no literal can look like a parameter.
                case PathPattern.Literal literal -> shape.append(literal.text());
                case PathPattern.Parameter _ -> shape.append('\0');
                case PathPattern.Rest _ -> shape.append('\1');
            }
        }
        return shape.toString();
    }
}
