package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import tools.jackson.databind.JsonNode;

/// Prints values, as text and as JSON.
///
/// As text: a text as it is, numbers as JavaScript prints them, `true` and `false`, nothing for
/// missing and `null`, compact JSON for arrays and objects, bytes of a function as UTF-8 with
/// U+FFFD for what is none. What JSON cannot hold is replaced, never written.
public final class ValuePrinter {
    private ValuePrinter() {}

    /// Prints as text.
    public static void printText(Value value, ByteSink sink) {
        switch (value) {
            case Value.Missing _, Value.Null _ -> {}
            case Value.Bool bool -> JsonText.write(bool.value(), sink);
            case Value.Whole whole -> printWhole(whole, sink);
            case Value.Fraction fraction -> NumberText.write(fraction.value(), sink);
            case Value.Text text -> sink.writeUtf8(text.value());
            case Value.Tree tree -> JsonText.write(tree.node(), sink);
            case Value.Encoded encoded -> printEncoded(encoded.json(), sink);
            case Value.Raw raw -> printUtf8(raw.bytes(), sink);
        }
    }

    /// Prints as text, escaped as it stands between the quotes of a JSON string (RFC 8259 §7).
    public static void printInString(Value value, ByteSink sink) {
        switch (value) {
            case Value.Missing _, Value.Null _ -> {}
            case Value.Bool bool -> JsonText.write(bool.value(), sink);
            case Value.Whole whole -> printWhole(whole, sink);
            case Value.Fraction fraction -> NumberText.write(fraction.value(), sink);
            case Value.Text text -> JsonText.writeEscaped(text.value(), sink);
            case Value.Tree _, Value.Encoded _, Value.Raw _ ->
                    printText(value, new EscapingSink(sink));
        }
    }

    /// Prints as one JSON value; missing as `null`.
    public static void printJson(Value value, ByteSink sink) {
        switch (value) {
            case Value.Missing _, Value.Null _ -> JsonText.writeNull(sink);
            case Value.Bool bool -> JsonText.write(bool.value(), sink);
            case Value.Whole whole -> printWhole(whole, sink);
            case Value.Fraction fraction -> NumberText.write(fraction.value(), sink);
            case Value.Text text -> JsonText.writeString(text.value(), sink);
            case Value.Tree tree -> JsonText.write(tree.node(), sink);
            case Value.Encoded encoded -> sink.write(encoded.json());
            case Value.Raw raw -> printRawJson(raw.bytes(), sink);
        }
    }

    /// The value as text.
    ///
    /// @throws ByteSink.Overflow when it is larger than an answer may be
    public static String text(Value value) {
        return switch (value) {
            case Value.Text text -> text.value();
            case Value.Missing _, Value.Null _ -> "";
            case Value.Raw raw -> new String(raw.bytes(), UTF_8);
            case Value.Bool _, Value.Whole _, Value.Fraction _, Value.Tree _, Value.Encoded _ -> {
                var sink = new ByteArraySink(Answer.BODY_BYTES_MAX);
                printText(value, sink);
                yield sink.toText();
            }
        };
    }

    /// The value as JSON text.
    ///
    /// @throws ByteSink.Overflow when it is larger than an answer may be
    public static byte[] json(Value value) {
        if (value instanceof Value.Encoded encoded) {
            return encoded.json();
        }
        var sink = new ByteArraySink(Answer.BODY_BYTES_MAX);
        printJson(value, sink);
        return sink.toByteArray();
    }

    private static void printWhole(Value.Whole whole, ByteSink sink) {
        if (whole.unsigned()) {
            NumberText.writeUnsigned(whole.bits(), sink);
        } else {
            NumberText.write(whole.bits(), sink);
        }
    }

    /// A string prints without its quotes and `null` as nothing, as the same values do when they
    /// are no longer encoded.
    private static void printEncoded(byte[] json, ByteSink sink) {
        int at = 0;
        while (at < json.length && json[at] <= ' ') {
            at++;
        }
        if (at < json.length && (json[at] == '"' || json[at] == 'n')) {
            JsonNode node = Json.parseOrNull(json);
            if (node != null) {
                printText(Json.value(node), sink);
                return;
            }
        }
        printUtf8(json, sink);
    }

    private static void printUtf8(byte[] bytes, ByteSink sink) {
        if (Utf8.isValid(bytes)) {
            sink.write(bytes);
        } else {
            sink.writeUtf8(new String(bytes, UTF_8));
        }
    }

    private static void printRawJson(byte[] bytes, ByteSink sink) {
        JsonNode node = Json.parseOrNull(bytes);
        if (node != null) {
            JsonText.write(node, sink);
        } else {
            JsonText.writeString(new String(bytes, UTF_8), sink);
        }
    }
}
