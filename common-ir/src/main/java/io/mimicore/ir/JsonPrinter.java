package io.mimicore.ir;

/// Prints JSON text (RFC 8259) without white space.
public final class JsonPrinter {
    private static final String HEX = "0123456789abcdef";

    private JsonPrinter() {}

    /// The shortest JSON text of `value`; numbers keep their digits, objects their order.
    public static String print(JsonValue value) {
        StringBuilder out = new StringBuilder();
        print(value, out);
        return out.toString();
    }

    /// Appends `text` as it stands between the quotes of a JSON string (RFC 8259 §7): only what
    /// must be escaped is, and an unpaired surrogate, so that the result has a UTF-8 form.
    public static void escape(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || UnicodeText.isUnpaired(text, i)) {
                        appendUnicodeEscape(c, out);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
    }

    private static void print(JsonValue value, StringBuilder out) {
        switch (value) {
            case JsonValue.JsonNull _ -> out.append("null");
            case JsonValue.JsonBool bool -> out.append(bool.value());
            case JsonValue.JsonNumber number -> out.append(number.text());
            case JsonValue.JsonText text -> printText(text.value(), out);
            case JsonValue.JsonArray array -> printArray(array, out);
            case JsonValue.JsonObject object -> printObject(object, out);
        }
    }

    private static void printArray(JsonValue.JsonArray array, StringBuilder out) {
        out.append('[');
        String separator = "";
        for (JsonValue element : array.elements()) {
            out.append(separator);
            print(element, out);
            separator = ",";
        }
        out.append(']');
    }

    private static void printObject(JsonValue.JsonObject object, StringBuilder out) {
        out.append('{');
        String separator = "";
        for (JsonValue.Member member : object.members()) {
            out.append(separator);
            printText(member.name(), out);
            out.append(':');
            print(member.value(), out);
            separator = ",";
        }
        out.append('}');
    }

    private static void printText(String text, StringBuilder out) {
        out.append('"');
        escape(text, out);
        out.append('"');
    }

    private static void appendUnicodeEscape(char c, StringBuilder out) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt((c >> shift) & 0xf));
        }
    }
}
