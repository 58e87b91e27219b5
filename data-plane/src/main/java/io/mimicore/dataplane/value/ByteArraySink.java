package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.ByteSink;
import java.util.Arrays;

/// A sink that keeps the bytes on the heap. Confined to one thread.
public final class ByteArraySink implements ByteSink {
    private static final int FIRST_BYTES = 256;

    private final int bytesMax;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int size;

    /// @param bytesMax most bytes it takes
    public ByteArraySink(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    @Override
    public void writeByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    @Override
    public void writeUtf8(CharSequence text) {
        int length = text.length();
        reserve(length);
        int i = 0;
        while (i < length && text.charAt(i) < 0x80) {
            bytes[size++] = (byte) text.charAt(i);
            i++;
        }
        while (i < length) {
            int point = Character.codePointAt(text, i);
            i += Character.charCount(point);
            writeCodePoint(Utf8.isSurrogate(point) ? Utf8.REPLACEMENT : point);
        }
    }

    @Override
    public int size() {
        return size;
    }

    /// The bytes written so far, newly copied.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /// The bytes written so far as text.
    public String toText() {
        return new String(bytes, 0, size, UTF_8);
    }

    private void writeCodePoint(int point) {
        reserve(4);
        if (point < 0x80) {
            bytes[size++] = (byte) point;
        } else if (point < 0x800) {
            bytes[size++] = (byte) (0xc0 | point >> 6);
            bytes[size++] = tail(point);
        } else if (point < 0x1_0000) {
            bytes[size++] = (byte) (0xe0 | point >> 12);
            bytes[size++] = tail(point >> 6);
            bytes[size++] = tail(point);
        } else {
            bytes[size++] = (byte) (0xf0 | point >> 18);
            bytes[size++] = tail(point >> 12);
            bytes[size++] = tail(point >> 6);
            bytes[size++] = tail(point);
        }
    }

    private static byte tail(int bits) {
        return (byte) (0x80 | (bits & 0x3f));
    }

    private void reserve(int more) {
        if (more > bytesMax - size) {
            throw new Overflow(bytesMax);
        }
        if (more > bytes.length - size) {
            int doubled = (int) Math.min(bytesMax, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, Math.max(doubled, size + more));
        }
    }
}
