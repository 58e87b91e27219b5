package io.mimicore.config;

import io.mimicore.ir.JsonPrinter;

/// Writes located JSON without white space, as [JsonPrinter] does.
final class CanonicalJson {
    private CanonicalJson() {}

    /// The value's text.
    static String write(LocatedJson value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    /// The text between quotes.
    static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2);
        appendQuoted(out, text);
        return out.toString();
    }

    static void append(StringBuilder out, LocatedJson value) {
        switch (value) {
            case LocatedJson.Null _ -> out.append("null");
            case LocatedJson.Bool bool -> out.append(bool.isTrue());
            case LocatedJson.Number number -> out.append(number.digits());
            case LocatedJson.Text text -> appendQuoted(out, text.text());
            case LocatedJson.Array array -> {
                out.append('[');
                String separator = "";
                for (LocatedJson element : array.elements()) {
                    out.append(separator);
                    append(out, element);
                    separator = ",";
                }
                out.append(']');
            }
            case LocatedJson.Fields fields -> {
                out.append('{');
                String separator = "";
                for (LocatedJson.Member member : fields.members()) {
                    out.append(separator);
                    appendQuoted(out, member.name());
                    out.append(':');
                    append(out, member.value());
                    separator = ",";
                }
                out.append('}');
            }
        }
    }

    static void appendQuoted(StringBuilder out, String text) {
        out.append('"');
        JsonPrinter.escape(text, out);
        out.append('"');
    }
}
