package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.NumericType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumericArgumentsTest {
    @ParameterizedTest
    @CsvSource({
        "21, 21",
        "+21, 21",
        "-0, 0",
        "21.0, 21",
        "2.1e1, 21",
        "210E-1, 21",
        "9007199254740993, 9007199254740993",
        "0e999999, 0"
    })
    void bits_textThatIsAnInteger_isExact(String text, long expected) throws CallFailedException {
        assertThat(NumericArguments.bits(new Value.Text(text), NumericType.INT64, 1))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1 ",
                "x",
                "1.5",
                "1e-1",
                ".5",
                "5.",
                "0x10",
                "1_000",
                "١",
                "NaN",
                "Infinity",
                "--1",
                "1e1000",
                "1e999999",
                "1e99999999999",
                "9223372036854775808",
                "true"
            })
    void bits_textThatIsNoInteger_isRefused(String text) {
        refused(new Value.Text(text), NumericType.INT64);
    }

    @Test
    void bits_longText_isRefusedAndCutInTheMessage() {
        assertThatExceptionOfType(CallFailedException.class)
                .isThrownBy(() ->
                        NumericArguments.bits(
                                new Value.Text("9".repeat(1_000_000)), NumericType.FLOAT64, 2))
                .withMessage(
                        "argument 2: \"%s… (expected: float64, -1.7976931348623157E308..1.7976931348623157E308)",
                        "9".repeat(99));
    }

    @ParameterizedTest
    @EnumSource
    void bits_absentOrArray_isRefused(NumericType type) throws Json.SyntaxException {
        refused(Value.MISSING, type);
        refused(Value.NULL, type);
        refused(new Value.Tree(Json.parse("[1]".getBytes(UTF_8))), type);
        refused(new Value.Encoded("{}".getBytes(UTF_8)), type);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOOL")
    void bits_boolForNumber_isRefused(NumericType type) {
        refused(Value.TRUE, type);
    }

    @Test
    void bits_numberForBool_isRefused() {
        refused(Value.Whole.of(1), NumericType.BOOL);
        refused(new Value.Text("TRUE"), NumericType.BOOL);
    }

    @Test
    void bits_numbersInOtherForms_areTheSame() throws Exception {
        var tree = new Value.Tree(Json.parse("21".getBytes(UTF_8)));
        var encoded = new Value.Encoded(" 21".getBytes(UTF_8));
        var raw = new Value.Raw("21".getBytes(UTF_8));

        assertThat(NumericArguments.bits(tree, NumericType.INT8, 1)).isEqualTo(21);
        assertThat(NumericArguments.bits(encoded, NumericType.UINT64, 1)).isEqualTo(21);
        assertThat(NumericArguments.bits(raw, NumericType.INT, 1)).isEqualTo(21);
        assertThat(NumericArguments.bits(new Value.Fraction(21), NumericType.INT32, 1))
                .isEqualTo(21);
        assertThat(NumericArguments.bits(new Value.Whole(-1, true), NumericType.FLOAT64, 1))
                .isEqualTo(Double.doubleToRawLongBits(0x1p64));
    }

    @Test
    void bits_fractions_ofEdges() {
        refused(new Value.Fraction(0.5), NumericType.INT64);
        refused(new Value.Fraction(1e300), NumericType.INT64);
        refused(new Value.Fraction(0x1p63), NumericType.INT64);
        refused(new Value.Fraction(1e39), NumericType.FLOAT32);
        refused(new Value.Text("1e309"), NumericType.FLOAT64);
        refused(new Value.Whole(-1, true), NumericType.INT64);
    }

    private static void refused(Value value, NumericType type) {
        assertThatExceptionOfType(CallFailedException.class)
                .isThrownBy(() -> NumericArguments.bits(value, type, 3))
                .satisfies(e -> {
                    CodeFailure failure = e.failure("f");
                    assertThat(failure.kind()).isEqualTo(CodeFailure.Kind.ARGUMENT);
                    assertThat(failure.message())
                            .startsWith("f: argument 3: ")
                            .endsWith(" (expected: " + NumericArguments.expectation(type) + ")");
                });
    }
}
