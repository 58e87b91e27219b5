package io.mimicore.dataplane.value;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.ir.JsonValue;
import io.mimicore.ir.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void parse_value_keepsOrderAndDigits() throws Json.SyntaxException {
        String text = "{\"b\":[1,2.5,true,null,\"x\"],\"a\":123456789012345678901234567890}";

        assertThat(ValuePrinter.text(new Value.Tree(Json.parse(text.getBytes(UTF_8)))))
                .isEqualTo(text);
    }

    static List<Misspelt> malformed() {
        return List.of(
                new Misspelt("{\"a\":1,\n \"a\":2}", 2, 2),
                new Misspelt("[1,]", 1, 4),
                new Misspelt("{\"a\" 1}", 1, 6),
                new Misspelt("[1] x", 1, 5),
                new Misspelt("", 1, 1),
                new Misspelt("[\n1e400]", 2, 1),
                new Misspelt("{\"a\":", 1, 6));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void parse_malformed_tellsThePlace(Misspelt json) {
        assertThatThrownBy(() -> Json.parse(json.text().getBytes(UTF_8)))
                .isInstanceOfSatisfying(
                        Json.SyntaxException.class,
                        e -> {
                            assertThat(e.line()).as(e.getMessage()).isEqualTo(json.line());
                            assertThat(e.column()).as(e.getMessage()).isEqualTo(json.column());
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"01", "+1", "1.", ".5", "'a'", "{a:1}", "tru", "[1 2]", "\"\t\"", "//x"})
    void parse_lenientForms_areRefused(String text) {
        assertThat(Json.parseOrNull(text.getBytes(UTF_8))).isNull();
    }

    @Test
    void parse_nesting_isLimited() {
        assertThat(Json.parseOrNull(nested(100))).isNotNull();
        assertThat(Json.parseOrNull(nested(101))).isNull();
    }

    @Test
    void parse_otherEncodings_areRefused() {
        assertThat(Json.parseOrNull("[1]".getBytes(UTF_16))).isNull();
        assertThat(Json.parseOrNull("[1]".getBytes(StandardCharsets.UTF_16LE))).isNull();
        assertThat(Json.parseOrNull(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'})).isNull();
    }

    @Test
    void value_number_takesTheTypeThatHoldsIt() throws Json.SyntaxException {
        assertThat(value("-5")).isEqualTo(Value.Whole.of(-5));
        assertThat(value("18446744073709551615")).isEqualTo(new Value.Whole(-1, true));
        assertThat(value("18446744073709551616")).isInstanceOf(Value.Tree.class);
        assertThat(value("1.0")).isEqualTo(new Value.Fraction(1));
        assertThat(value("null")).isEqualTo(Value.NULL);
        assertThat(value("\"é\"")).isEqualTo(new Value.Text("é"));
    }

    @Test
    void value_literal_ofAnySize_prints() {
        assertThat(ValuePrinter.text(Json.value(new JsonValue.JsonNumber("1e400"))))
                .isEqualTo("1E+400");
        assertThat(ValuePrinter.text(Json.value(new JsonValue.JsonNumber("-12")))).isEqualTo("-12");
        assertThat(
                        ValuePrinter.text(
                                Json.value(
                                        new JsonValue.JsonArray(
                                                List.of(
                                                        new JsonValue.JsonText("a"),
                                                        new JsonValue.JsonNull())))))
                .isEqualTo("[\"a\",null]");
    }

    @Test
    void part_steps_leadThroughObjectsAndArrays() throws Json.SyntaxException {
        var node = Json.parse("{\"a\":[{\"b\":7}]}".getBytes(UTF_8));
        Step a = new Step.Field("a");

        assertThat(Json.part(node, List.of(a, new Step.Index(0), new Step.Field("b"))))
                .hasToString("7");
        assertThat(Json.part(node, List.of(a, new Step.Index(1)))).isNull();
        assertThat(Json.part(node, List.of(a, new Step.Field("b")))).isNull();
        assertThat(Json.part(node, List.of(new Step.Index(0)))).isNull();
    }

    private static Value value(String text) throws Json.SyntaxException {
        return Json.value(Json.parse(text.getBytes(UTF_8)));
    }

    private static byte[] nested(int depth) {
        return ("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8);
    }

    /// A text that is no JSON, and the place that says so.
    record Misspelt(String text, int line, int column) {}
}
