package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads the head of an HTTP/1.1 response, and trailer sections (RFC 9112 §4, §5, §7.1.2).
///
/// Strict: lines end in CR LF, no folded lines, no space before a colon, no control characters.
/// Bytes may come in any pieces. Confined to its connection's event loop.
final class ResponseHeadParser {
    private static final String VERSION = "HTTP/1.";
    private static final int STATUS_AT = 9;

    private static final int STEP_BYTES = 512;

    /// What an idle connection keeps for the next head.
    private static final int HELD_BYTES_MAX = 2 * 1024;

    private static final boolean[] TOKEN_CHARACTERS = tokenCharacters();

    /// The readable bytes that have been looked at, and where the line under way begins in them.
    ///
    /// They are copied out before they are looked at: to ask the buffer for each byte costs more.
    private byte[] held = new byte[STEP_BYTES];

    private int scanned;
    private int lineStart;

    /// Reads a head.
    ///
    /// @return `null` as long as its end has not come; nothing is taken off then
    @Nullable ResponseHead readHead(ByteBuf in) throws MalformedResponseException {
        requireVersion(in);
        byte[] bytes = section(in, UpstreamLimits.HEAD_BYTES_MAX, "head");
        if (bytes == null) {
            return null;
        }
        int end = lineEnd(bytes, 0);
        ResponseHead head = statusLine(bytes, end);
        readFields(head, bytes, end + 2);
        return head;
    }

    /// Reads a trailer section, the empty line at its end included.
    ///
    /// @return `null` as long as its end has not come
    @Nullable ResponseHead readTrailers(ByteBuf in) throws MalformedResponseException {
        byte[] bytes = section(in, UpstreamLimits.TRAILER_BYTES_MAX, "trailer section");
        if (bytes == null) {
            return null;
        }
        ResponseHead trailers = new ResponseHead(0, false, bytes);
        readFields(trailers, bytes, 0);
        return trailers;
    }

    /// Garbage is known by its first bytes: nobody waits for a line of it to end.
    private static void requireVersion(ByteBuf in) throws MalformedResponseException {
        int known = Math.min(in.readableBytes(), VERSION.length());
        for (int i = 0; i < known; i++) {
            if (in.getByte(in.readerIndex() + i) != VERSION.charAt(i)) {
                throw new MalformedResponseException("no response of HTTP/1.1");
            }
        }
    }

    /// Everything up to the empty line, without that line; `null`: it has not come.
    private byte @Nullable [] section(ByteBuf in, int bytesMax, String what)
            throws MalformedResponseException {
        int readable = Math.min(in.readableBytes(), bytesMax);
        while (scanned < readable) {
            int step = Math.min(STEP_BYTES, readable - scanned);
            if (held.length < scanned + step) {
                held = Arrays.copyOf(held, Math.max(2 * held.length, scanned + step));
            }
            in.getBytes(in.readerIndex() + scanned, held, scanned, step);
            if (findEnd(scanned + step)) {
                byte[] bytes = Arrays.copyOf(held, lineStart);
                in.skipBytes(lineStart + 2);
                reset();
                return bytes;
            }
        }
        if (in.readableBytes() >= bytesMax) {
            throw new MalformedResponseException(
                    "the " + what + " is larger than " + bytesMax + " bytes");
        }
        return null;
    }

    /// Looks at the bytes that are held, up to this place.
    ///
    /// @return whether the line that begins at `lineStart` is the empty one
    private boolean findEnd(int to) throws MalformedResponseException {
        byte[] bytes = held;
        for (int at = scanned; at < to; at++) {
            if (bytes[at] == '\n') {
                if (at == 0 || bytes[at - 1] != '\r') {
                    throw new MalformedResponseException("a line ends in LF without its CR");
                }
                if (at - 1 == lineStart) {
                    return true;
                }
                lineStart = at + 1;
            }
        }
        scanned = to;
        return false;
    }

    private void reset() {
        scanned = 0;
        lineStart = 0;
        if (held.length > HELD_BYTES_MAX) {
            held = new byte[STEP_BYTES];
        }
    }

    private static ResponseHead statusLine(byte[] bytes, int end)
            throws MalformedResponseException {
        boolean valid =
                end >= STATUS_AT + 3
                        && (bytes[7] == '0' || bytes[7] == '1')
                        && bytes[8] == ' '
                        && (end == STATUS_AT + 3 || bytes[STATUS_AT + 3] == ' ')
                        && hasNoControls(bytes, STATUS_AT + 3, end);
        int status = valid ? status(bytes) : -1;
        if (status < 0) {
            throw new MalformedResponseException("the status line is malformed");
        }
        return new ResponseHead(status, bytes[7] == '0', bytes);
    }

    private static int status(byte[] bytes) {
        int status = 0;
        for (int i = STATUS_AT; i < STATUS_AT + 3; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = 10 * status + digit;
        }
        return status >= 100 && status <= 599 ? status : -1;
    }

    private static void readFields(ResponseHead head, byte[] bytes, int from)
            throws MalformedResponseException {
        int at = from;
        while (at < bytes.length) {
            int end = lineEnd(bytes, at);
            if (head.count() == UpstreamLimits.HEADERS_MAX) {
                throw new MalformedResponseException(
                        "there are more than " + UpstreamLimits.HEADERS_MAX + " header fields");
            }
            readField(head, bytes, at, end);
            at = end + 2;
        }
    }

    private static void readField(ResponseHead head, byte[] bytes, int from, int end)
            throws MalformedResponseException {
        int colon = from;
        while (colon < end && isTokenCharacter(bytes[colon])) {
            colon++;
        }
        if (colon == from || colon == end || bytes[colon] != ':') {
            throw new MalformedResponseException("a header field has no proper name");
        }
        int valueStart = colon + 1;
        int valueEnd = end;
        while (valueStart < valueEnd && isBlank(bytes[valueStart])) {
            valueStart++;
        }
        while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        if (!hasNoControls(bytes, valueStart, valueEnd)) {
            throw new MalformedResponseException("a header field has control characters");
        }
        head.add(from, colon, valueStart, valueEnd);
    }

    private static int lineEnd(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] != '\n') {
            at++;
        }
        return at - 1;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static boolean hasNoControls(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTokenCharacter(byte b) {
        return b >= 0 && TOKEN_CHARACTERS[b];
    }

    /// RFC 9110 §5.6.2.
    private static boolean[] tokenCharacters() {
        boolean[] all = new boolean[128];
        for (int c = 0; c < all.length; c++) {
            all[c] =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
        return all;
    }
}
