package io.mimicore.config;

import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Says what is wrong with a text that is not JSON (RFC 8259), right after its last good token.
final class JsonSyntax {
    private static final Set<String> LITERALS = Set.of("true", "false", "null");
    private static final Map<String, String> WORDS =
            Map.of(
                    "True", "true",
                    "TRUE", "true",
                    "False", "false",
                    "FALSE", "false",
                    "None", "null",
                    "NULL", "null",
                    "nil", "null",
                    "undefined", "null");

    /// Tokens that the parser reads ahead of the last one it delivers: a name, its colon, a value.
    private static final int AHEAD_MAX = 4;

    /// RFC 8259 §6.
    private static final Pattern NUMBER =
            Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?");

    private final String text;
    private final Deque<Open> open;
    private int ahead;

    /// @param open arrays and objects that are not closed, the innermost first
    JsonSyntax(String text, Deque<Open> open) {
        this.text = text;
        this.open = open;
    }

    /// An array or object that is not closed.
    ///
    /// @param bracket `{` or `[`
    record Open(char bracket, int offset) {
        char closer() {
            return bracket == '{' ? '}' : ']';
        }
    }

    /// The last token that was right.
    record Last(int offset, boolean isName) {}

    /// What is wrong, and where.
    record Fault(int offset, String message, String hint) {}

    /// Finds the fault.
    ///
    /// @param last absent: not even the first token was right
    Fault explain(@Nullable Last last) {
        if (last == null) {
            int at = skipSpace(0);
            return at == text.length()
                    ? new Fault(0, "file: empty (expected: a JSON object)", "")
                    : value(at);
        }
        int end = end(last.offset());
        char first = text.charAt(last.offset());
        if (last.isName()) {
            return afterName(end);
        }
        if (first == '{') {
            return name(skipSpace(end));
        }
        if (first == '[') {
            return value(skipSpace(end));
        }
        return isNumberPart(first) && isWordPart(end) ? number(last.offset()) : afterValue(end);
    }

    private Fault afterName(int end) {
        int at = skipSpace(end);
        return isAt(at, ':') ? value(skipSpace(at + 1)) : unexpected(at, "`:` after the name");
    }

    private Fault afterValue(int end) {
        int at = skipSpace(end);
        if (++ahead > AHEAD_MAX) {
            return new Fault(at, "file: not JSON from here on (expected: RFC 8259)", "");
        }
        Open container = open.peek();
        if (container == null) {
            return unexpected(at, "the end of the file");
        }
        char closer = container.closer();
        if (isAt(at, ',')) {
            int next = skipSpace(at + 1);
            if (isAt(next, closer)) {
                return new Fault(
                        at,
                        "comma: before `" + closer + "` (expected: a value after it)",
                        "JSON allows no comma after the last value; remove it");
            }
            return container.bracket() == '{' ? name(next) : value(next);
        }
        String expected = "`,` or `" + closer + "`";
        if (isAt(at, '"') || isAt(at, '{') || isAt(at, '[')) {
            return new Fault(
                    at,
                    "found " + shown(at) + " (expected: " + expected + ")",
                    "a comma is missing after the value before it");
        }
        return unexpected(at, expected);
    }

    private Fault name(int at) {
        if (isAt(at, '"')) {
            Fault fault = string(at);
            return fault == null ? afterName(end(at)) : fault;
        }
        if (isAt(at, '\'')) {
            return singleQuotes(at);
        }
        if (at < text.length() && Character.isJavaIdentifierStart(text.charAt(at))) {
            return new Fault(
                    at,
                    "name: " + word(at) + " (expected: a name in double quotes)",
                    "write \"" + word(at) + "\"");
        }
        return unexpected(at, "a name in double quotes");
    }

    private Fault value(int at) {
        if (isAt(at, '"')) {
            Fault fault = string(at);
            return fault == null ? afterValue(end(at)) : fault;
        }
        if (isAt(at, '\'') || isAt(at, '`')) {
            return singleQuotes(at);
        }
        if (at < text.length() && isNumberPart(text.charAt(at))) {
            int end = end(at);
            return end == at || isWordPart(end) ? number(at) : afterValue(end);
        }
        if (at < text.length() && Character.isJavaIdentifierStart(text.charAt(at))) {
            String word = word(at);
            if (LITERALS.contains(word)) {
                return afterValue(at + word.length());
            }
            String meant = WORDS.get(word);
            return new Fault(
                    at,
                    "value: " + word + " (expected: a JSON value)",
                    meant == null
                            ? "strings are written in double quotes"
                            : "JSON writes it " + meant);
        }
        return unexpected(at, "a value");
    }

    private static Fault singleQuotes(int at) {
        return new Fault(
                at,
                "found a single quote (expected: double quotes)",
                "JSON strings and names are written in double quotes");
    }

    /// What is wrong with the string; absent: nothing.
    private @Nullable Fault string(int start) {
        for (int at = start + 1; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                return null;
            }
            if (c == '\n' || c == '\r') {
                return new Fault(
                        at,
                        "string: a line break in it (expected: \\n)",
                        "a closing quote is missing, or the line break must be written \\n");
            }
            if (c < ' ') {
                return new Fault(
                        at,
                        "string: " + shown(at) + " in it (expected: " + escape(c) + ")",
                        "control characters are written as escapes");
            }
            if (c == '\\') {
                int width = escapeWidth(at);
                if (width == 0) {
                    return badEscape(at);
                }
                at += width - 1;
            }
        }
        return new Fault(start, "string: not closed (expected: a closing quote)", "");
    }

    private Fault badEscape(int at) {
        int end = Math.min(at + (isAt(at + 1, 'u') ? 6 : 2), text.length());
        String found = text.substring(at, end).lines().findFirst().orElse("");
        return new Fault(
                at,
                "escape: "
                        + found
                        + " (expected: \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and 4 hex digits)",
                "a backslash itself is written \\\\");
    }

    private Fault number(int at) {
        int end = at;
        while (isWordPart(end)) {
            end++;
        }
        String number = text.substring(at, end);
        String hint = "";
        if (number.matches("[-+]?0[0-9].*")) {
            hint = "JSON numbers have no leading zeros";
        } else if (number.startsWith("+")) {
            hint = "JSON numbers have no leading +";
        } else if (number.startsWith(".") || number.matches("[-+]?[0-9]+\\.(?![0-9]).*")) {
            hint = "digits stand on both sides of the point";
        } else if (number.chars().anyMatch(Character::isLetter)) {
            hint = "units and other bases are not part of a number";
        }
        return new Fault(at, "number: " + number + " (expected: a JSON number)", hint);
    }

    private Fault unexpected(int at, String expected) {
        if (isAt(at, '/') || isAt(at, '#')) {
            return new Fault(
                    at,
                    "found a comment (expected: " + expected + ")",
                    "JSON has no comments; a member whose name begins with _ is ignored");
        }
        if (at < text.length()) {
            return new Fault(at, "found " + shown(at) + " (expected: " + expected + ")", "");
        }
        Open container = open.peek();
        String hint =
                container == null
                        ? ""
                        : "the `"
                                + container.bracket()
                                + "` of line "
                                + lineOf(container.offset())
                                + " is not closed";
        return new Fault(at, "found the end of the file (expected: " + expected + ")", hint);
    }

    private long lineOf(int offset) {
        return text.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
    }

    /// The end of a token that is known to be right.
    private int end(int start) {
        char first = text.charAt(start);
        if (first == '"') {
            int at = start + 1;
            while (text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            return at + 1;
        }
        int at = start + 1;
        if (first == '{' || first == '[' || first == '}' || first == ']') {
            return at;
        }
        if (isNumberPart(first)) {
            Matcher number = NUMBER.matcher(text).region(start, text.length());
            return number.lookingAt() ? number.end() : start;
        }
        while (at < text.length() && Character.isLetter(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /// Characters of the escape at `at`; 0: it is none.
    private int escapeWidth(int at) {
        if (at + 1 >= text.length()) {
            return 0;
        }
        if (text.charAt(at + 1) != 'u') {
            return "\"\\/bfnrt".indexOf(text.charAt(at + 1)) >= 0 ? 2 : 0;
        }
        for (int i = at + 2; i < at + 6; i++) {
            if (i >= text.length() || Character.digit(text.charAt(i), 16) < 0) {
                return 0;
            }
        }
        return 6;
    }

    private String word(int at) {
        int end = at;
        while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
            end++;
        }
        return text.substring(at, Math.min(end, at + 40));
    }

    private String shown(int at) {
        int c = text.codePointAt(at);
        return c < ' ' || c == 0x7f || c == 0xfeff
                ? String.format(Locale.ROOT, "U+%04X", c)
                : "`" + Character.toString(c) + "`";
    }

    private static String escape(char c) {
        return c == '\t' ? "\\t" : String.format(Locale.ROOT, "\\u%04x", (int) c);
    }

    private int skipSpace(int from) {
        int at = from;
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    private boolean isWordPart(int at) {
        return at < text.length()
                && (isNumberPart(text.charAt(at))
                        || Character.isJavaIdentifierPart(text.charAt(at)));
    }

    private boolean isAt(int at, char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private static boolean isNumberPart(char c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
    }
}
