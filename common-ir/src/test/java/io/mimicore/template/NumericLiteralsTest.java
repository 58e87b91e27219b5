package io.mimicore.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.JsonValue;
import io.mimicore.ir.JsonValue.JsonNumber;
import io.mimicore.ir.JsonValue.JsonText;
import io.mimicore.ir.NumericType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NumericLiteralsTest {
    @ParameterizedTest
    @CsvSource({
        "INT8,-128,127,-129,128",
        "INT16,-32768,32767,-32769,32768",
        "INT32,-2147483648,2147483647,-2147483649,2147483648",
        "INT64,-9223372036854775808,9223372036854775807,-9223372036854775809,9223372036854775808",
        "INT,-9223372036854775808,9223372036854775807,-9223372036854775809,9223372036854775808",
        "UINT8,0,255,-1,256",
        "UINT16,0,65535,-1,65536",
        "UINT32,0,4294967295,-1,4294967296",
        "UINT64,0,18446744073709551615,-1,18446744073709551616",
        "UINT,0,18446744073709551615,-1,1e100000",
        "FLOAT32,-3.4028235e38,3.4028235e38,-3.5e38,3.5e38",
        "FLOAT64,-1.7976931348623157e308,1e-400,-1.8e308,1e309",
    })
    void fits_numbersAroundTheRange_areTold(
            NumericType type, String min, String max, String below, String above) {
        for (String inside : List.of(min, max)) {
            assertThat(NumericLiterals.fits(new JsonNumber(inside), type)).as(inside).isTrue();
            assertThat(NumericLiterals.fits(new JsonText(inside), type)).as(inside).isTrue();
        }
        for (String outside : List.of(below, above)) {
            assertThat(NumericLiterals.fits(new JsonNumber(outside), type)).as(outside).isFalse();
            assertThat(NumericLiterals.fits(new JsonText(outside), type)).as(outside).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(NumericType.class)
    void fits_whatIsNoNumber_neverDoes(NumericType type) {
        for (JsonValue literal :
                List.of(
                        new JsonText(""),
                        new JsonText("x"),
                        new JsonText(" 1"),
                        new JsonText("1".repeat(401)),
                        new JsonText("NaN"),
                        new JsonText("0x10"),
                        new JsonText("١"),
                        new JsonValue.JsonNull(),
                        new JsonValue.JsonArray(List.of(new JsonNumber("1"))),
                        new JsonValue.JsonObject(List.of()))) {
            assertThat(NumericLiterals.fits(literal, type)).as(literal.toString()).isFalse();
        }
    }

    @Test
    void fits_fractions_onlyFitFloats() {
        for (NumericType type : NumericType.values()) {
            assertThat(NumericLiterals.fits(new JsonNumber("1.5"), type)).isEqualTo(type.isFloat());
            boolean isBool = type == NumericType.BOOL;
            assertThat(NumericLiterals.fits(new JsonNumber("10e-1"), type)).isEqualTo(!isBool);
            assertThat(NumericLiterals.fits(new JsonNumber("0e1000"), type)).isEqualTo(!isBool);
            assertThat(NumericLiterals.fits(new JsonText("+007"), type)).isEqualTo(!isBool);
        }
    }

    @Test
    void fits_trueAndFalse_onlyFitBool() {
        for (NumericType type : NumericType.values()) {
            boolean isBool = type == NumericType.BOOL;
            assertThat(NumericLiterals.fits(new JsonValue.JsonBool(true), type)).isEqualTo(isBool);
            assertThat(NumericLiterals.fits(new JsonText("false"), type)).isEqualTo(isBool);
            assertThat(NumericLiterals.fits(new JsonText("True"), type)).isFalse();
        }
    }

    @Test
    void misfit_message_showsTypeAndRange() {
        JsonValue text = new JsonText("x");

        assertThat(NumericLiterals.misfit("f", 1, text, NumericType.INT8))
                .isEqualTo("f(): argument 2: \"x\" (expected: int8, a whole number in -128..127)");
        assertThat(NumericLiterals.misfit("f", 0, text, NumericType.BOOL))
                .isEqualTo("f(): argument 1: \"x\" (expected: bool, true or false)");
        assertThat(NumericLiterals.misfit("f", 0, text, NumericType.FLOAT32))
                .isEqualTo("f(): argument 1: \"x\" (expected: float32, a number in its range)");
    }
}
