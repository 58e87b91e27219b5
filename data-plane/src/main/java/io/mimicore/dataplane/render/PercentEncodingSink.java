package io.mimicore.dataplane.render;

import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.ByteArraySink;

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3) on its way to another sink.
final class PercentEncodingSink implements ByteSink {
    private static final String DIGITS = "0123456789ABCDEF";

    private final ByteArraySink target;

    PercentEncodingSink(ByteArraySink target) {
        this.target = target;
    }

    @Override
    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            writeByte(bytes[i]);
        }
    }

    @Override
    public void writeByte(int value) {
        int c = value & 0xff;
        if (isUnreserved(c)) {
            target.writeByte(c);
        } else {
            target.writeByte('%');
            target.writeByte(DIGITS.charAt(c >> 4));
            target.writeByte(DIGITS.charAt(c & 15));
        }
    }

    @Override
    public void writeUtf8(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                var rest = new ByteArraySink(Integer.MAX_VALUE - 8);
                rest.writeUtf8(text.subSequence(i, text.length()));
                write(rest.toByteArray());
                return;
            }
            writeByte(c);
        }
    }

    @Override
    public int size() {
        return target.size();
    }

    static void appendEncoded(byte b, StringBuilder out) {
        out.append('%').append(DIGITS.charAt((b & 0xff) >> 4)).append(DIGITS.charAt(b & 15));
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
