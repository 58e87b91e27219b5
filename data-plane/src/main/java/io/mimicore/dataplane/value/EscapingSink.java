package io.mimicore.dataplane.value;

import io.mimicore.dataplane.http.ByteSink;

/// Escapes UTF-8 text for a JSON string on its way to another sink.
///
/// Works on bytes: what has to be escaped is ASCII, and no byte of a longer UTF-8 sequence is.
final class EscapingSink implements ByteSink {
    private final ByteSink target;

    EscapingSink(ByteSink target) {
        this.target = target;
    }

    @Override
    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            int c = bytes[i] & 0xff;
            if (JsonText.isEscaped(c)) {
                target.write(bytes, from, i - from);
                JsonText.writeEscape(c, target);
                from = i + 1;
            }
        }
        target.write(bytes, from, offset + length - from);
    }

    @Override
    public void writeByte(int value) {
        int c = value & 0xff;
        if (JsonText.isEscaped(c)) {
            JsonText.writeEscape(c, target);
        } else {
            target.writeByte(c);
        }
    }

    @Override
    public void writeUtf8(CharSequence text) {
        JsonText.writeEscaped(text, target);
    }

    @Override
    public int size() {
        return target.size();
    }
}
