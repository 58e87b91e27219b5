package io.mimicore.template;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.UnicodeText;
import io.mimicore.template.Token.Kind;

/// Cuts a hole into tokens, from behind its `{{`.
final class HoleLexer {
    private static final String ESCAPES = "\\' \\\" \\\\ \\n \\t \\r \\uXXXX";

    private final String source;
    private final ProblemSink problems;
    private int at;

    HoleLexer(String source, int start, ProblemSink problems) {
        this.source = source;
        this.at = start;
        this.problems = problems;
    }

    Token next() {
        while (at < source.length() && isWhiteSpace(source.charAt(at))) {
            at++;
        }
        if (at == source.length()) {
            return take(Kind.END, 0);
        }
        char c = source.charAt(at);
        if (c == '\'' || c == '"') {
            return quoted();
        }
        if (isDigit(c)
                || (c == '-' && at + 1 < source.length() && isDigit(source.charAt(at + 1)))) {
            return number();
        }
        if (c == '$' || isNameStart(source.codePointAt(at))) {
            return name();
        }
        return punctuation(c);
    }

    /// The index behind the quote that closes the one at `open`, or -1.
    static int quotedEnd(String source, int open) {
        char quote = source.charAt(open);
        for (int i = open + 1; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == quote) {
                return i + 1;
            }
            if (c == '\\') {
                i++;
            }
        }
        return -1;
    }

    private Token punctuation(char c) {
        return switch (c) {
            case '.' -> take(Kind.DOT, 1);
            case ',' -> take(Kind.COMMA, 1);
            case '|' -> take(Kind.PIPE, 1);
            case '(' -> take(Kind.LEFT_PARENTHESIS, 1);
            case ')' -> take(Kind.RIGHT_PARENTHESIS, 1);
            case '[' -> take(Kind.LEFT_BRACKET, 1);
            case ']' -> take(Kind.RIGHT_BRACKET, 1);
            default -> {
                if (source.startsWith("}}", at)) {
                    yield take(Kind.CLOSE, 2);
                }
                if (source.startsWith("{{", at)) {
                    yield take(Kind.OPEN, 2);
                }
                yield take(Kind.UNKNOWN, Character.charCount(source.codePointAt(at)));
            }
        };
    }

    private Token name() {
        int end = at + 1;
        if (source.charAt(at) != '$') {
            end = at + Character.charCount(source.codePointAt(at));
        }
        while (end < source.length() && isNamePart(source.codePointAt(end))) {
            end += Character.charCount(source.codePointAt(end));
        }
        return take(Kind.NAME, end - at);
    }

    /// RFC 8259 §6.
    private Token number() {
        int end = source.charAt(at) == '-' ? at + 1 : at;
        end = source.charAt(end) == '0' ? end + 1 : digits(end);
        if (charAt(end) == '.' && isDigit(charAt(end + 1))) {
            end = digits(end + 1);
        }
        if (charAt(end) == 'e' || charAt(end) == 'E') {
            char sign = charAt(end + 1);
            int exponent = sign == '+' || sign == '-' ? end + 2 : end + 1;
            if (isDigit(charAt(exponent))) {
                end = digits(exponent);
            }
        }
        int malformedEnd = end;
        while (charAt(malformedEnd) == '.' || isNamePart(charAt(malformedEnd))) {
            malformedEnd++;
        }
        return malformedEnd > end
                ? take(Kind.MALFORMED_NUMBER, malformedEnd - at)
                : take(Kind.NUMBER, end - at);
    }

    private Token quoted() {
        int start = at;
        int end = quotedEnd(source, start);
        if (end < 0) {
            return take(Kind.UNCLOSED_TEXT, 1);
        }
        StringBuilder text = new StringBuilder();
        int i = start + 1;
        while (i < end - 1) {
            char c = source.charAt(i);
            if (c == '\\') {
                i = escape(i, text);
            } else {
                text.append(c);
                i++;
            }
        }
        at = end;
        if (UnicodeText.unpairedSurrogate(text) >= 0) {
            problems.report(
                    new ProblemSink.Span(start, end),
                    DiagnosticCode.TEMPLATE_SYNTAX,
                    "text: an unpaired surrogate (expected: Unicode text)",
                    "write both halves, as in \\ud83d\\ude00, or the character itself");
        }
        return new Token(Kind.TEXT, start, end, text.toString());
    }

    /// Appends what the escape at `i` means, and returns the index behind it.
    private int escape(int i, StringBuilder text) {
        char c = source.charAt(i + 1);
        switch (c) {
            case '\'', '"', '\\' -> text.append(c);
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            default -> {
                int unit = c == 'u' ? hex(i + 2) : -1;
                if (unit >= 0) {
                    text.append((char) unit);
                    return i + 6;
                }
                int end = i + 1 + Character.charCount(source.codePointAt(i + 1));
                problems.report(
                        new ProblemSink.Span(i, end),
                        DiagnosticCode.TEMPLATE_SYNTAX,
                        "escape: "
                                + source.substring(i, end)
                                + " (expected: one of "
                                + ESCAPES
                                + ")",
                        "a backslash itself is written \\\\");
                return end;
            }
        }
        return i + 2;
    }

    /// The number of four hex digits at `i`, or -1.
    private int hex(int i) {
        int value = 0;
        for (int k = i; k < i + 4; k++) {
            int digit = k < source.length() ? Character.digit(source.charAt(k), 16) : -1;
            if (digit < 0 || source.charAt(k) > 'f') {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private Token take(Kind kind, int length) {
        int start = at;
        at += length;
        return new Token(kind, start, at, source.substring(start, at));
    }

    private int digits(int from) {
        int end = from;
        while (isDigit(charAt(end))) {
            end++;
        }
        return end;
    }

    /// A character that is part of nothing, behind the end.
    private char charAt(int index) {
        return index < source.length() ? source.charAt(index) : ' ';
    }

    private static boolean isWhiteSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(int codePoint) {
        return codePoint == '_' || Character.isLetter(codePoint);
    }

    private static boolean isNamePart(int codePoint) {
        return codePoint == '_' || codePoint == '-' || Character.isLetterOrDigit(codePoint);
    }
}
