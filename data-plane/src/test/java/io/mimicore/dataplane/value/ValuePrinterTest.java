package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.ByteSink;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValuePrinterTest {
    static List<Printed> values() throws Json.SyntaxException {
        return List.of(
                new Printed(Value.MISSING, "", "null"),
                new Printed(Value.NULL, "", "null"),
                new Printed(Value.TRUE, "true", "true"),
                new Printed(Value.Whole.of(-7), "-7", "-7"),
                new Printed(
                        new Value.Whole(-1, true), "18446744073709551615", "18446744073709551615"),
                new Printed(new Value.Fraction(1.0), "1", "1"),
                new Printed(new Value.Text("a\"b\n"), "a\"b\n", "\"a\\\"b\\n\""),
                new Printed(tree("[1, \"x\"]"), "[1,\"x\"]", "[1,\"x\"]"),
                new Printed(encoded("\"hi\""), "hi", "\"hi\""),
                new Printed(encoded("null"), "", "null"),
                new Printed(encoded("{\"a\":1}"), "{\"a\":1}", "{\"a\":1}"),
                new Printed(raw("{\"a\": 1}"), "{\"a\": 1}", "{\"a\":1}"),
                new Printed(raw("hello"), "hello", "\"hello\""),
                new Printed(raw("12"), "12", "12"),
                new Printed(raw("NaN"), "NaN", "\"NaN\""),
                new Printed(raw(""), "", "\"\""),
                new Printed(
                        new Value.Raw(new byte[] {'a', (byte) 0xff}), "a\ufffd", "\"a\ufffd\""));
    }

    @ParameterizedTest
    @MethodSource("values")
    void print_value_isAsDocumented(Printed value) {
        assertThat(print(value.value(), ValuePrinter::printText)).isEqualTo(value.text());
        assertThat(print(value.value(), ValuePrinter::printJson)).isEqualTo(value.json());
        assertThat(ValuePrinter.text(value.value())).isEqualTo(value.text());
        assertThat(new String(ValuePrinter.json(value.value()), UTF_8)).isEqualTo(value.json());
    }

    @ParameterizedTest
    @MethodSource("values")
    void printInString_value_readsBackAsItsText(Printed value) throws Json.SyntaxException {
        String inString = "\"" + print(value.value(), ValuePrinter::printInString) + "\"";

        assertThat(Json.parse(inString.getBytes(UTF_8)).stringValue()).isEqualTo(value.text());
    }

    @Test
    void printInString_everyCharacter_isEscapedWhereJsonSaysSo() throws Json.SyntaxException {
        StringBuilder all = new StringBuilder();
        IntStream.range(0, 0x3000).forEach(c -> all.append((char) c));
        for (Value value : List.of(new Value.Text(all.toString()), raw(all.toString()))) {
            String inString = "\"" + print(value, ValuePrinter::printInString) + "\"";

            assertThat(Json.parse(inString.getBytes(UTF_8)).stringValue())
                    .isEqualTo(all.toString());
        }
    }

    @Test
    void printInString_loneSurrogate_becomesTheReplacement() {
        assertThat(print(new Value.Text("a\"\ud800b"), ValuePrinter::printInString))
                .isEqualTo("a\\\"\ufffdb");
    }

    private static String print(Value value, BiConsumer<Value, ByteSink> printer) {
        var sink = new ByteArraySink(1 << 20);
        printer.accept(value, sink);
        return sink.toText();
    }

    private static Value tree(String json) throws Json.SyntaxException {
        return new Value.Tree(Json.parse(json.getBytes(UTF_8)));
    }

    private static Value encoded(String json) {
        return new Value.Encoded(json.getBytes(UTF_8));
    }

    private static Value raw(String text) {
        return new Value.Raw(text.getBytes(UTF_8));
    }

    /// A value and how it prints.
    record Printed(Value value, String text, String json) {}
}
