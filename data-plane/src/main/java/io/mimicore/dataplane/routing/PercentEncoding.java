package io.mimicore.dataplane.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.value.Utf8;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// Percent-encoding (RFC 3986 §2.1) of UTF-8 text.
public final class PercentEncoding {
    private static final int INVALID = -1;
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(UTF_8);

    private PercentEncoding() {}

    /// Decodes a part of a path; `null` when a `%` is not followed by two hex digits or the bytes
    /// are not UTF-8.
    public static @Nullable String decode(String text, int from, int to) {
        int percent = text.indexOf('%', from, to);
        return percent < 0 ? text.substring(from, to) : decodeFrom(text, from, to, false);
    }

    /// Decodes a part of a query, where `+` stands for a space (URL standard §5.1); `null` as in
    /// [#decode].
    public static @Nullable String decodeQuery(String text, int from, int to) {
        boolean plain = text.indexOf('%', from, to) < 0 && text.indexOf('+', from, to) < 0;
        return plain ? text.substring(from, to) : decodeFrom(text, from, to, true);
    }

    /// Whether every `%` of the text is followed by two hex digits, and what they spell is UTF-8.
    public static boolean isValid(String text) {
        return text.indexOf('%') < 0 || decodeFrom(text, 0, text.length(), false) != null;
    }

    /// Encodes everything but unreserved characters (RFC 3986 §2.3).
    public static String encode(String text) {
        var encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(UTF_8)) {
            if (isUnreserved(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append((char) HEX[(b >> 4) & 0xf]).append((char) HEX[b & 0xf]);
            }
        }
        return encoded.toString();
    }

    private static @Nullable String decodeFrom(String text, int from, int to, boolean query) {
        var bytes = new ByteArrayOutputStream(to - from);
        int at = from;
        while (at < to) {
            char c = text.charAt(at);
            if (c == '%') {
                int value = at + 2 < to ? hexPair(text, at + 1) : INVALID;
                if (value == INVALID) {
                    return null;
                }
                bytes.write(value);
                at += 3;
            } else if (c < 0x80) {
                bytes.write(query && c == '+' ? ' ' : c);
                at++;
            } else {
                int end = at + 1;
                while (end < to && text.charAt(end) >= 0x80) {
                    end++;
                }
                bytes.writeBytes(text.substring(at, end).getBytes(UTF_8));
                at = end;
            }
        }
        byte[] decoded = bytes.toByteArray();
        return Utf8.isValid(decoded) ? new String(decoded, UTF_8) : null;
    }

    private static int hexPair(String text, int at) {
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        boolean ascii = text.charAt(at) < 0x80 && text.charAt(at + 1) < 0x80;
        return ascii && high >= 0 && low >= 0 ? high << 4 | low : INVALID;
    }

    private static boolean isUnreserved(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
    }
}
