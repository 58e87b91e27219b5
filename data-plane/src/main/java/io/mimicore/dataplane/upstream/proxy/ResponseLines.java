package io.mimicore.dataplane.upstream.proxy;

import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.http.HeadFields;
import io.mimicore.dataplane.transport.HttpStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/// Writes the head of a response anew, from the fields that were parsed into the buffer that goes
/// to the client.
final class ResponseLines {
    private static final int CRLF = '\r' << 8 | '\n';

    private static final String CORS_PREFIX = "access-control-";

    private final ConnectionOptions options = new ConnectionOptions();
    private long length;
    private boolean dated;

    /// Writes the header lines of a final response, but for framing.
    ///
    /// @param more sent besides or in place of the response's own
    void write(HeadFields head, ProxyCaller.AnswerFields more, ByteBuf out) {
        length = HttpStream.UNKNOWN_LENGTH;
        dated = false;
        options.read(head);
        for (int i = 0; i < head.count(); i++) {
            if (isPassedOn(head, i, more)) {
                Lines.write(head, i, out);
            }
        }
        List<String> replaced = more.fields();
        for (int i = 0; i < replaced.size(); i += 2) {
            ByteBufUtil.writeAscii(out, replaced.get(i));
            out.writeByte(':').writeByte(' ');
            ByteBufUtil.writeUtf8(out, replaced.get(i + 1));
            out.writeShort(CRLF);
        }
    }

    /// Writes the lines of an interim response or of a trailer section.
    void writePlain(HeadFields fields, ByteBuf out) {
        options.read(fields);
        for (int i = 0; i < fields.count(); i++) {
            if (!FieldNames.isHopByHop(fields, i) && !options.names(fields, i)) {
                Lines.write(fields, i, out);
            }
        }
    }

    /// Writes the lines of a response that switches protocols.
    void writeUpgrade(HeadFields head, ProxyCaller.AnswerFields more, ByteBuf out) {
        write(head, more, out);
        for (int i = 0; i < head.count(); i++) {
            if (head.isNamed(i, "upgrade")) {
                Lines.write(head, i, out);
            }
        }
        ByteBufUtil.writeAscii(out, "Connection: Upgrade\r\n");
    }

    /// The length that the response announced, or [HttpStream#UNKNOWN_LENGTH].
    long length() {
        return length;
    }

    /// Whether the response has a `Date`.
    boolean dated() {
        return dated;
    }

    private boolean isPassedOn(HeadFields head, int index, ProxyCaller.AnswerFields more) {
        switch (head.nameEnd(index) - head.nameStart(index)) {
            case 4 -> dated |= head.isNamed(index, "date");
            case 12 -> {
                if (head.isNamed(index, "x-request-id")) {
                    return false;
                }
            }
            case 14 -> {
                if (head.isNamed(index, "content-length")) {
                    length = digits(head, index);
                    return false;
                }
            }
            default -> {}
        }
        return !FieldNames.isHopByHop(head, index)
                && !options.names(head, index)
                && !(more.ownCors() && isCors(head, index))
                && !isReplaced(head, index, more.fields());
    }

    private static boolean isCors(HeadFields head, int index) {
        int from = head.nameStart(index);
        return head.nameEnd(index) - from > CORS_PREFIX.length()
                && head.sameIgnoringCase(CORS_PREFIX, from, from + CORS_PREFIX.length());
    }

    private static boolean isReplaced(HeadFields head, int index, List<String> replaced) {
        int length = head.nameEnd(index) - head.nameStart(index);
        for (int i = 0; i < replaced.size(); i += 2) {
            String name = replaced.get(i);
            if (name.length() == length
                    && !name.equals("Vary")
                    && isNamedIgnoringCase(head, index, name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNamedIgnoringCase(HeadFields head, int index, String name) {
        byte[] bytes = head.bytes();
        int from = head.nameStart(index);
        for (int i = 0; i < name.length(); i++) {
            if (Character.toLowerCase((char) bytes[from + i])
                    != Character.toLowerCase(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// Digits that were checked when the response was read.
    private static long digits(HeadFields head, int index) {
        long value = 0;
        for (int i = head.valueStart(index); i < head.valueEnd(index); i++) {
            value = 10 * value + head.bytes()[i] - '0';
        }
        return value;
    }
}
