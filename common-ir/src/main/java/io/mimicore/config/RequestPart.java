package io.mimicore.config;

import io.mimicore.diagnostics.Suggestions;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `from` of an extraction names: a part of the request, and the way into a JSON body.
sealed interface RequestPart {
    /// A part of the request.
    record Found(RequestField field, List<Step> steps) implements RequestPart {
        public Found {
            steps = List.copyOf(steps);
        }
    }

    /// No part of the request.
    ///
    /// @param offset of the first wrong character
    record Wrong(int offset, String expected, String hint) implements RequestPart {}

    /// Reads `path.x`, `query.x`, `header.X`, `cookie.x`, `body` or `body.a.b[0]["odd key"]`.
    static RequestPart parse(String text) {
        if (text.equals("body")) {
            return new Found(new RequestField.Body(), List.of());
        }
        if (text.startsWith("body.") || text.startsWith("body[")) {
            return new BodyPath(text).parse();
        }
        int dot = text.indexOf('.');
        String kind = dot < 0 ? text : text.substring(0, dot);
        String name = dot < 0 ? "" : text.substring(dot + 1);
        if (!KINDS.contains(kind)) {
            return new Wrong(
                    0,
                    "path.x, query.x, header.X, cookie.x, body or body.a.b[0]",
                    hintFor(text, kind));
        }
        if (name.isEmpty()) {
            return new Wrong(text.length(), kind + ". and a name", "");
        }
        return switch (kind) {
            case "path" -> new Found(new RequestField.PathParameter(name), List.of());
            case "query" -> new Found(new RequestField.Query(name), List.of());
            case "header", "cookie" -> token(kind, name, dot + 1);
            default -> new Wrong(4, "body, body.x or body[0]", "");
        };
    }

    private static String hintFor(String text, String kind) {
        if (text.startsWith("{{")) {
            return "write it without {{ and }}";
        }
        if (kind.equals("request") && text.length() > "request.".length()) {
            return "write " + text.substring("request.".length());
        }
        return Suggestions.closest(kind, KINDS)
                .map(near -> "did you mean " + near + text.substring(kind.length()) + "?")
                .orElse("");
    }

    private static RequestPart token(String kind, String name, int offset) {
        if (!HeaderReader.isToken(name)) {
            return new Wrong(offset, "a " + kind + "'s name", "");
        }
        return new Found(
                kind.equals("header")
                        ? new RequestField.Header(name)
                        : new RequestField.Cookie(name),
                List.of());
    }

    List<String> KINDS = List.of("path", "query", "header", "cookie", "body");

    /// The steps after `body`.
    final class BodyPath {
        private static final Pattern FIELD = Pattern.compile("\\.([^.\\[\\]\"\\s]+)");
        private static final Pattern INDEX = Pattern.compile("\\[([0-9]{1,9})]");
        private static final Pattern QUOTED =
                Pattern.compile("\\[\"((?:[^\"\\\\]|\\\\[\"\\\\])*)\"]");

        private final String text;

        private BodyPath(String text) {
            this.text = text;
        }

        private RequestPart parse() {
            List<Step> steps = new ArrayList<>();
            int at = "body".length();
            while (at < text.length()) {
                Matcher field = matcher(FIELD, at);
                Matcher index = matcher(INDEX, at);
                Matcher quoted = matcher(QUOTED, at);
                if (field.lookingAt()) {
                    steps.add(new Step.Field(field.group(1)));
                    at = field.end();
                } else if (index.lookingAt()) {
                    steps.add(new Step.Index(Integer.parseInt(index.group(1))));
                    at = index.end();
                } else if (quoted.lookingAt()) {
                    String name = quoted.group(1).replaceAll("\\\\(.)", "$1");
                    steps.add(new Step.Field(name));
                    at = quoted.end();
                } else {
                    boolean isIndex = text.charAt(at) == '[' && !text.startsWith("[\"", at);
                    return new Wrong(
                            at,
                            ".name, [0] or [\"name\"]",
                            isIndex ? "indexes count from 0, up to 9 digits" : "");
                }
            }
            return new Found(new RequestField.Body(), steps);
        }

        private Matcher matcher(Pattern pattern, int at) {
            return pattern.matcher(text).region(at, text.length());
        }
    }
}
