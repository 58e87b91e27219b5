package io.mimicore.dataplane.upstream.proxy;

import io.mimicore.dataplane.http.HeadFields;
import io.netty.buffer.ByteBuf;

/// Writes header lines.
final class Lines {
    private static final int CRLF = '\r' << 8 | '\n';
    private static final int COLON_SPACE = ':' << 8 | ' ';

    private Lines() {}

    /// A field with its name as it was sent, white space around the value left out.
    static void write(HeadFields fields, int index, ByteBuf out) {
        byte[] bytes = fields.bytes();
        int name = fields.nameStart(index);
        int nameEnd = fields.nameEnd(index);
        int value = fields.valueStart(index);
        int end = fields.valueEnd(index);
        if (value == nameEnd + 2 && bytes[nameEnd + 1] == ' ') {
            out.writeBytes(bytes, name, end - name);
        } else {
            out.writeBytes(bytes, name, nameEnd - name).writeShort(COLON_SPACE);
            out.writeBytes(bytes, value, end - value);
        }
        out.writeShort(CRLF);
    }

    /// A number, at least 0.
    static void writeDecimal(ByteBuf out, long value) {
        long divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.writeByte('0' + (int) (value / divisor % 10));
        }
    }
}
