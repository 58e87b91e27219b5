package io.mimicore.ir;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A route's path: `/a/{name}/b`, where a last segment `{name...}` takes the rest of the path.
///
/// @param text the pattern as written, also the `route` label of metrics
/// @param segments at least one; [Rest] only at the end; names unlike
public record PathPattern(String text, List<Segment> segments) {
    private static final Pattern ESCAPED = Pattern.compile("([^%]|%[0-9A-Fa-f]{2})*+");
    private static final Pattern HOLE = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*)(\\.\\.\\.)?}");

    /// One piece between slashes.
    public sealed interface Segment {}

    /// A segment that must be equal, percent-decoded.
    public record Literal(String text) implements Segment {}

    /// A segment of any text but the empty one.
    public record Parameter(String name) implements Segment {}

    /// The rest of the path, without its leading slash; may be empty.
    public record Rest(String name) implements Segment {}

    public PathPattern {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("segments: [] (expected: at least one)");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment instanceof Rest && i < segments.size() - 1) {
                throw new IllegalArgumentException(
                        "path: " + text + " (expected: {name...} only at the end)");
            }
            String name = parameterName(segment);
            if (!name.isEmpty() && !names.add(name)) {
                throw new IllegalArgumentException(
                        "path: " + text + " (expected: {" + name + "} only once)");
            }
        }
    }

    /// Parses a pattern.
    ///
    /// @throws IllegalArgumentException with a message for the author when it is not one
    public static PathPattern parse(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("path: " + text + " (expected: a leading /)");
        }
        List<Segment> segments = new ArrayList<>();
        for (String piece : text.substring(1).split("/", -1)) {
            segments.add(segment(text, piece));
        }
        return new PathPattern(text, segments);
    }

    /// Names of the parameters, in order.
    public List<String> parameters() {
        return segments.stream()
                .map(PathPattern::parameterName)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static String parameterName(Segment segment) {
        return switch (segment) {
            case Literal _ -> "";
            case Parameter parameter -> parameter.name();
            case Rest rest -> rest.name();
        };
    }

    private static Segment segment(String text, String piece) {
        Matcher hole = HOLE.matcher(piece);
        if (hole.matches()) {
            String name = hole.group(1);
            return hole.group(2) == null ? new Parameter(name) : new Rest(name);
        }
        if (piece.indexOf('{') >= 0 || piece.indexOf('}') >= 0) {
            throw new IllegalArgumentException(
                    "path: "
                            + text
                            + " (expected: {name} or {name...} as a whole segment, found "
                            + piece
                            + ")");
        }
        if (piece.indexOf('?') >= 0 || piece.indexOf('#') >= 0) {
            throw new IllegalArgumentException("path: " + text + " (expected: no ? and no #)");
        }
        String decoded = decode(text, piece);
        if (decoded.equals(".") || decoded.equals("..")) {
            // Clients and proxies take these segments out before a request is sent (RFC 3986
            // §6.2.2.3).
            throw new IllegalArgumentException("path: " + text + " (expected: no . and no ..)");
        }
        return new Literal(decoded);
    }

    /// Percent-decodes a piece as UTF-8 (RFC 3986 §2.1).
    private static String decode(String text, String piece) {
        if (piece.indexOf('%') < 0) {
            return piece;
        }
        if (!ESCAPED.matcher(piece).matches()) {
            throw new IllegalArgumentException(
                    "path: " + text + " (expected: two hex digits after each %)");
        }
        // The decoder of forms takes + for a space; in a path it is itself.
        return URLDecoder.decode(piece.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
