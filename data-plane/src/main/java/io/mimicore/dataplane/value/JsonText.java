package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.ByteSink;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Writes JSON (RFC 8259), compact.
final class JsonText {
    private static final byte[] NULL = "null".getBytes(UTF_8);
    private static final byte[] TRUE = "true".getBytes(UTF_8);
    private static final byte[] FALSE = "false".getBytes(UTF_8);
    private static final byte[] HEX = "0123456789abcdef".getBytes(UTF_8);

    private JsonText() {}

    static void writeNull(ByteSink sink) {
        sink.write(NULL);
    }

    static void write(boolean value, ByteSink sink) {
        sink.write(value ? TRUE : FALSE);
    }

    static void writeString(CharSequence text, ByteSink sink) {
        sink.writeByte('"');
        writeEscaped(text, sink);
        sink.writeByte('"');
    }

    /// The text as it stands between quotes (RFC 8259 §7).
    static void writeEscaped(CharSequence text, ByteSink sink) {
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isEscaped(c)) {
                if (i > from) {
                    sink.writeUtf8(text.subSequence(from, i));
                }
                writeEscape(c, sink);
                from = i + 1;
            }
        }
        if (from == 0) {
            sink.writeUtf8(text);
        } else if (from < text.length()) {
            sink.writeUtf8(text.subSequence(from, text.length()));
        }
    }

    static boolean isEscaped(int c) {
        return c < 0x20 || c == '"' || c == '\\';
    }

    static void writeEscape(int c, ByteSink sink) {
        sink.writeByte('\\');
        switch (c) {
            case '"', '\\' -> sink.writeByte(c);
            case '\n' -> sink.writeByte('n');
            case '\r' -> sink.writeByte('r');
            case '\t' -> sink.writeByte('t');
            case '\b' -> sink.writeByte('b');
            case '\f' -> sink.writeByte('f');
            default -> {
                sink.writeByte('u');
                sink.writeByte('0');
                sink.writeByte('0');
                sink.writeByte(HEX[c >> 4]);
                sink.writeByte(HEX[c & 0xf]);
            }
        }
    }

    static void write(JsonNode node, ByteSink sink) {
        switch (node.getNodeType()) {
            case OBJECT -> writeObject(node, sink);
            case ARRAY -> writeArray(node, sink);
            case STRING -> writeString(node.stringValue(), sink);
            case NUMBER -> writeNumber(node, sink);
            case BOOLEAN -> write(node.booleanValue(), sink);
            case NULL, MISSING -> writeNull(sink);
            case BINARY, POJO ->
                    throw new IllegalArgumentException(
                            "node: " + node.getNodeType() + " (expected: JSON)");
        }
    }

    private static void writeObject(JsonNode object, ByteSink sink) {
        int separator = '{';
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            sink.writeByte(separator);
            writeString(member.getKey(), sink);
            sink.writeByte(':');
            write(member.getValue(), sink);
            separator = ',';
        }
        if (separator == '{') {
            sink.writeByte('{');
        }
        sink.writeByte('}');
    }

    private static void writeArray(JsonNode array, ByteSink sink) {
        sink.writeByte('[');
        for (int i = 0; i < array.size(); i++) {
            if (i > 0) {
                sink.writeByte(',');
            }
            write(array.get(i), sink);
        }
        sink.writeByte(']');
    }

    private static void writeNumber(JsonNode number, ByteSink sink) {
        switch (number.numberType()) {
            case INT, LONG -> NumberText.write(number.longValue(), sink);
            case FLOAT, DOUBLE -> NumberText.write(number.doubleValue(), sink);
            case BIG_INTEGER -> sink.writeUtf8(number.bigIntegerValue().toString());
            case BIG_DECIMAL -> sink.writeUtf8(number.decimalValue().toString());
        }
    }
}
