package io.mimicore.dataplane.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/// Finds and reads request heads, strictly by RFC 9112: what two readers could take in two ways is
/// refused, so that nothing can be smuggled past whoever reads before or after this node.
///
/// Refused with 400: a bare CR or LF, white space before the colon, obs-fold, control characters,
/// `Content-Length` with `Transfer-Encoding`, repeated or with anything but digits, any transfer
/// coding but `chunked`, none or several `Host`, a `Host` that differs from the target's.
///
/// Confined to the connection's event loop; does not allocate but for texts that changed.
final class HeadParser {
    /// Which byte ends a line.
    private static final ByteProcessor FIND_LF = value -> value != '\n';

    private static final boolean[] TOKEN = new boolean[128];

    static {
        // RFC 9110 §5.6.2
        for (char c = 0; c < TOKEN.length; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
    }

    private final TransportLimits limits;
    // Where the search for the end of the head goes on, relative to the reader index.
    private int scanned;
    private int lines;
    private int lineStart;
    private int requestLineEnd;
    private @Nullable Refusal refusal;

    HeadParser(TransportLimits limits) {
        this.limits = limits;
    }

    /// Reads a head off `in`.
    ///
    /// @return whether `head` is filled; false: more bytes are needed, or [#refusal] says why not
    boolean parse(ByteBuf in, RequestHead head) {
        int size = endOfHead(in);
        if (size < 0) {
            return false;
        }
        head.load(in, size);
        scanned = 0;
        lines = 0;
        lineStart = 0;
        refusal = readHead(head);
        return refusal == null;
    }

    /// Why the bytes are no request this node takes.
    @Nullable Refusal refusal() {
        return refusal;
    }

    private int endOfHead(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        while (true) {
            int lf = in.forEachByte(start + scanned, end - start - scanned, FIND_LF);
            if (lf < 0) {
                scanned = end - start;
                checkLimits(scanned);
                return -1;
            }
            int lineLength = lf - start - lineStart;
            if (lineLength == 0 || in.getByte(lf - 1) != '\r') {
                refusal = Refusal.malformed("a line ends in LF alone (expected: CR LF)");
                return -1;
            }
            scanned = lf - start + 1;
            if (lineLength == 1) {
                if (lines == 0 && lineStart == 0) {
                    // RFC 9112 §2.2: one empty line before the request line is overlooked.
                    in.skipBytes(2);
                    start += 2;
                    scanned = 0;
                    lines = -1;
                    continue;
                }
                if (lines <= 0) {
                    refusal = Refusal.malformed("no request line");
                    return -1;
                }
                return checkLimits(lineStart) ? scanned : -1;
            }
            lines = Math.max(lines, 0) + 1;
            if (lines == 1) {
                requestLineEnd = scanned;
            }
            lineStart = scanned;
            if (!checkLimits(scanned)) {
                return -1;
            }
        }
    }

    private boolean checkLimits(int bytes) {
        if ((lines <= 0 ? bytes : requestLineEnd) > limits.requestLineBytesMax()) {
            refusal =
                    new Refusal(
                            414,
                            "uri-too-long",
                            "the request line is longer than "
                                    + limits.requestLineBytesMax()
                                    + " bytes");
            return false;
        }
        if (lines > 0 && bytes - requestLineEnd > limits.headerBytesMax()) {
            refusal =
                    new Refusal(
                            431,
                            "headers-too-large",
                            "the headers are larger than " + limits.headerBytesMax() + " bytes");
            return false;
        }
        if (lines - 1 > limits.headersMax()) {
            refusal =
                    new Refusal(
                            431,
                            "headers-too-large",
                            "there are more than " + limits.headersMax() + " headers");
            return false;
        }
        return true;
    }

    private static @Nullable Refusal readHead(RequestHead head) {
        int lineEnd = crlf(head.bytes, 0, head.length);
        Refusal wrong = readRequestLine(head, lineEnd);
        int at = lineEnd + 2;
        while (wrong == null && at < head.length - 2) {
            int end = crlf(head.bytes, at, head.length);
            wrong = readHeader(head, at, end);
            at = end + 2;
        }
        return wrong == null ? Framing.read(head) : wrong;
    }

    // The line ends were checked: every LF has its CR before it. A CR elsewhere is refused as a
    // control character by whoever reads the line.
    private static int crlf(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i - 1;
    }

    private static @Nullable Refusal readRequestLine(RequestHead head, int end) {
        byte[] bytes = head.bytes;
        int space = indexOf(bytes, ' ', 0, end);
        int second = space < 0 ? -1 : indexOf(bytes, ' ', space + 1, end);
        if (space <= 0 || second <= space + 1 || !isToken(bytes, 0, space)) {
            return Refusal.malformed("the request line is not METHOD TARGET HTTP/1.1");
        }
        Refusal version = readVersion(head, second + 1, end);
        if (version != null) {
            return version;
        }
        head.method(0, space);
        return RequestTarget.read(head, space + 1, second);
    }

    private static @Nullable Refusal readVersion(RequestHead head, int from, int to) {
        if (head.sameText("HTTP/1.1", from, to)) {
            return null;
        }
        if (head.sameText("HTTP/1.0", from, to)) {
            head.http10 = true;
            head.keepAlive = false;
            return null;
        }
        boolean other =
                to - from == 8
                        && head.sameText("HTTP/", from, from + 5)
                        && head.bytes[from + 6] == '.';
        return other
                ? new Refusal(505, "http-version", "this listener speaks HTTP/1.1")
                : Refusal.malformed("the request line does not end in HTTP/1.1");
    }

    private static @Nullable Refusal readHeader(RequestHead head, int from, int to) {
        byte[] bytes = head.bytes;
        if (bytes[from] == ' ' || bytes[from] == '\t') {
            return Refusal.malformed("a header line begins with white space (obs-fold)");
        }
        int colon = indexOf(bytes, ':', from, to);
        if (colon <= from || !isToken(bytes, from, colon)) {
            return Refusal.malformed("a header line is not NAME: VALUE");
        }
        int start = colon + 1;
        int end = to;
        while (start < end && isBlank(bytes[start])) {
            start++;
        }
        while (end > start && isBlank(bytes[end - 1])) {
            end--;
        }
        for (int i = start; i < end; i++) {
            int c = bytes[i];
            if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f) {
                return Refusal.malformed("a header value holds a control character");
            }
        }
        int index = head.headers++;
        head.nameStart[index] = from;
        head.nameEnd[index] = colon;
        head.valueStart[index] = start;
        head.valueEnd[index] = end;
        return null;
    }

    static int indexOf(byte[] bytes, char c, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == c) {
                return i;
            }
        }
        return -1;
    }

    static boolean isToken(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0 || !TOKEN[bytes[i]]) {
                return false;
            }
        }
        return to > from;
    }

    /// Whether the bytes are a name, a colon and a value without control characters (RFC 9112 §5).
    static boolean isFieldLine(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && in.getByte(at) >= 0 && TOKEN[in.getByte(at)]) {
            at++;
        }
        if (at == from || at == to || in.getByte(at) != ':') {
            return false;
        }
        for (int i = at; i < to; i++) {
            int c = in.getByte(i);
            if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }
}
