package io.mimicore.dataplane.transport;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.netty.buffer.ByteBuf;

/// Writes into a Netty buffer. Confined to the event loop; whoever made the buffer releases it.
final class ByteBufSink implements ByteSink {
    private static final int BYTES_MAX = Answer.BODY_BYTES_MAX;

    private final ByteBuf out;

    ByteBufSink(ByteBuf out) {
        this.out = out;
    }

    @Override
    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        require(length);
        out.writeBytes(bytes, offset, length);
    }

    @Override
    public void writeByte(int value) {
        require(1);
        out.writeByte(value);
    }

    @Override
    public void writeUtf8(CharSequence text) {
        int length = text.length();
        // Three bytes a character are enough: a pair of surrogates makes four.
        require(length);
        out.ensureWritable(Math.min(3 * length, 3 * BYTES_MAX));
        int i = 0;
        while (i < length) {
            char c = text.charAt(i);
            if (c < 0x80) {
                out.writeByte(c);
            } else if (c < 0x800) {
                out.writeByte(0xc0 | (c >> 6)).writeByte(0x80 | (c & 0x3f));
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < length
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                writeSupplementary(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                char shown = Character.isSurrogate(c) ? '\ufffd' : c;
                out.writeByte(0xe0 | (shown >> 12))
                        .writeByte(0x80 | ((shown >> 6) & 0x3f))
                        .writeByte(0x80 | (shown & 0x3f));
            }
            i++;
        }
        require(0);
    }

    @Override
    public int size() {
        return out.readableBytes();
    }

    private void writeSupplementary(int codePoint) {
        out.writeByte(0xf0 | (codePoint >> 18))
                .writeByte(0x80 | ((codePoint >> 12) & 0x3f))
                .writeByte(0x80 | ((codePoint >> 6) & 0x3f))
                .writeByte(0x80 | (codePoint & 0x3f));
    }

    private void require(int more) {
        if (out.readableBytes() + (long) more > BYTES_MAX) {
            throw new Overflow(BYTES_MAX);
        }
    }
}
