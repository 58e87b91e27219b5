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
        if (text.isEmpty()) {
            error(path, "path: \"\" (expected: a leading /)", "write /");
            return null;
        }
        try {
            PathPattern pattern = PathPattern.parse(text);
            warnOfOtherNotations(path, pattern);
            return pattern;
        } catch (IllegalArgumentException e) {
            error(path, String.valueOf(e.getMessage()), hint(text));
            return null;
        }
    }

    /// Warns of segments that are parameters elsewhere; here they are plain text.
    private void warnOfOtherNotations(LocatedJson.Text path, PathPattern pattern) {
        for (PathPattern.Segment segment : pattern.segments()) {
            if (segment instanceof PathPattern.Literal(String text)
                    && text.matches(":.+|<.+>|\\*+|\\$.+")) {
                String name = text.replaceAll("[^A-Za-z0-9_]+", "");
                problems.warning(
                        path,
                        DiagnosticCode.PATH_SYNTAX,
                        "path: " + pattern.text() + " (expected: parameters as {name})",
                        name.isEmpty()
                                ? "a segment of any text is written {name}, the rest of the path"
                                        + " {name...}"
                                : "write {" + name + "} unless " + text + " is meant literally");
            }
        }
    }

    private void error(LocatedJson.Text path, String message, String hint) {
        problems.error(path, DiagnosticCode.PATH_SYNTAX, message, hint);
    }

    private static String hint(String text) {
        if (text.matches("(?i)https?://.*")) {
            return "write the path alone; hosts stand in `hosts`";
        }
        if (!text.startsWith("/")) {
            return "write /" + text;
        }
        if (text.contains("?")) {
            return "query parameters are checked by validate.query and read by transform.extract";
        }
        if (text.contains("...") && text.indexOf("...") < text.lastIndexOf('/')) {
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
