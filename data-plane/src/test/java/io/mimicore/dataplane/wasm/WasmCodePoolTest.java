package io.mimicore.dataplane.wasm;

import static io.mimicore.dataplane.wasm.PoolFixture.failure;
import static io.mimicore.dataplane.wasm.PoolFixture.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WasmCodePoolTest {
    private PoolFixture node;
    private CodePool pool;

    @BeforeAll
    void start() throws PrepareException {
        node = new PoolFixture();
        pool = node.playground(20_000);
    }

    @AfterAll
    void stop() {
        pool.close();
        node.close();
    }

    @ParameterizedTest
    @CsvSource({
        "echo_i32 int8, -128",
        "echo_i32 int8, 127",
        "echo_i32 int16, -32768",
        "echo_i32 int16, 32767",
        "echo_i32 int32, -2147483648",
        "echo_i32 int32, 2147483647",
        "echo_i64 int64, -9223372036854775808",
        "echo_i64 int64, 9223372036854775807",
        "echo_i64 int, -9223372036854775808",
        "echo_i64 int, 9223372036854775807"
    })
    void call_signedIntegerAtItsLimit_comesBack(String function, long number) {
        assertThat(value(pool, function, Value.Whole.of(number))).isEqualTo(Value.Whole.of(number));
    }

    @ParameterizedTest
    @CsvSource({
        "echo_i32 uint8, 0",
        "echo_i32 uint8, 255",
        "echo_i32 uint16, 65535",
        "echo_i32 uint32, 4294967295",
        "echo_i64 uint64, 0",
        "echo_i64 uint64, 18446744073709551615",
        "echo_i64 uint, 18446744073709551615"
    })
    void call_unsignedIntegerAtItsLimit_comesBack(String function, String number) {
        var whole = new Value.Whole(Long.parseUnsignedLong(number), true);

        assertThat(value(pool, function, whole)).isEqualTo(whole);
        assertThat(value(pool, function, new Value.Text(number))).isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource({
        "echo_i32 int8, -129, 'int8, -128..127'",
        "echo_i32 int8, 128, 'int8, -128..127'",
        "echo_i32 int16, 32768, 'int16, -32768..32767'",
        "echo_i32 int32, 2147483648, 'int32, -2147483648..2147483647'",
        "echo_i64 int64, 9223372036854775808, 'int64, -9223372036854775808..9223372036854775807'",
        "echo_i32 uint8, -1, 'uint8, 0..255'",
        "echo_i32 uint8, 256, 'uint8, 0..255'",
        "echo_i32 uint16, 65536, 'uint16, 0..65535'",
        "echo_i32 uint32, 4294967296, 'uint32, 0..4294967295'",
        "echo_i64 uint64, -1, 'uint64, 0..18446744073709551615'",
        "echo_i64 uint64, 18446744073709551616, 'uint64, 0..18446744073709551615'",
    })
    void call_integerBeyondItsLimit_failsAsArgument(
            String function, String number, String expected) {
        var failure = failure(pool, function, new Value.Text(number));

        assertThat(failure.kind()).isEqualTo(CodeFailure.Kind.ARGUMENT);
        assertThat(failure.message())
                .isEqualTo(
                        failure.function()
                                + ": argument 1: \""
                                + number
                                + "\" (expected: "
                                + expected
                                + ")");
    }

    @Test
    void call_floats_comeBackAsTheyPrint() {
        assertThat(value(pool, "echo_f32 float32", new Value.Fraction(0.1)))
                .isEqualTo(new Value.Fraction(0.1));
        assertThat(value(pool, "echo_f64 float64", new Value.Fraction(-0.1)))
                .isEqualTo(new Value.Fraction(-0.1));
        assertThat(value(pool, "echo_f64 float64", Value.Whole.of(3)))
                .isEqualTo(new Value.Fraction(3));
        assertThat(value(pool, "echo_f64 float64", new Value.Fraction(Double.MAX_VALUE)))
                .isEqualTo(new Value.Fraction(Double.MAX_VALUE));
    }

    @Test
    void call_floatThatIsNotFinite_failsAsResult() {
        assertThat(failure(pool, "infinity"))
                .isEqualTo(
                        new CodeFailure(
                                CodeFailure.Kind.RESULT,
                                "infinity",
                                "infinity: result: Infinity (expected: a finite number)"));
    }

    @Test
    void call_bool_comesBack() {
        assertThat(value(pool, "echo_bool", Value.TRUE)).isEqualTo(Value.TRUE);
        assertThat(value(pool, "echo_bool", new Value.Text("false"))).isEqualTo(Value.FALSE);
    }

    @Test
    void call_severalParameters_keepTheirOrder() {
        assertThat(value(pool, "subtract", Value.Whole.of(10), Value.Whole.of(4)))
                .isEqualTo(new Value.Fraction(6));
    }

    @Test
    void call_functionWithoutResult_returnsMissing() {
        assertThat(value(pool, "nothing")).isEqualTo(Value.MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "Zürich — 東京 🎉", "line\nquote\" back\\slash\u0000end"})
    void callRaw_text_passesAsUtf8(String text) {
        assertThat(raw(value(pool, "echo", new Value.Text(text)))).isEqualTo(text);
    }

    @Test
    void callRaw_otherValues_passAsTheirText() throws Json.SyntaxException {
        assertThat(raw(value(pool, "upper", Value.TRUE))).isEqualTo("TRUE");
        assertThat(raw(value(pool, "echo", Value.Whole.of(-7)))).isEqualTo("-7");
        assertThat(raw(value(pool, "echo", Value.NULL))).isEmpty();
        assertThat(raw(value(pool, "echo", Value.MISSING))).isEmpty();
        assertThat(
                        raw(
                                value(
                                        pool,
                                        "echo",
                                        new Value.Tree(Json.parse(utf8("{\"a\": [1, \"ü\"]}"))))))
                .isEqualTo("{\"a\":[1,\"ü\"]}");
    }

    @Test
    void callRaw_bytesThatAreNoText_comeBackAsTheyAre() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        assertThat(((Value.Raw) value(pool, "echo", new Value.Raw(bytes))).bytes())
                .isEqualTo(bytes);
    }

    @Test
    void callRaw_mebibyte_comesBack() {
        String text = "é0123456789abcd\n".repeat(1 << 16);

        assertThat(raw(value(pool, "echo", new Value.Text(text)))).isEqualTo(text);
    }

    @Test
    void callRaw_resultOverFourMebibytes_failsAsResult() {
        assertThat(failure(pool, "large", new Value.Text("x")).message())
                .isEqualTo("large: result: 4194305 bytes (expected: at most 4194304)");
    }

    @Test
    void callRaw_resultOutsideOfMemory_failsAsResult() {
        var failure = failure(pool, "outside", new Value.Text("x"));

        assertThat(failure.kind()).isEqualTo(CodeFailure.Kind.RESULT);
        assertThat(failure.message())
                .isEqualTo("outside: result: 32 bytes at 4294967280 (expected: in its memory)");
    }

    @Test
    void callJson_object_returnsEncodedObject() throws Json.SyntaxException {
        var user = new Value.Tree(Json.parse(utf8("{\"name\":\"Żaneta\",\"tags\":[\"<&>\"]}")));

        Value result = value(pool, "greet", user, new Value.Text("3"));

        assertThat(new String(((Value.Encoded) result).json(), UTF_8))
                .isEqualTo(
                        "{\"message\":\"Hello, Żaneta\",\"n\":3,\"tags\":[\"\\u003c\\u0026\\u003e\"]}");
    }

    @Test
    void callJson_error_failsWithItsText() throws Json.SyntaxException {
        assertThat(greetFailure("{\"name\":\"\"}"))
                .isEqualTo(
                        new CodeFailure(CodeFailure.Kind.ERROR, "greet", "greet: nobody to greet"));
    }

    @Test
    void callJson_argumentOfOtherShape_failsAsArgument() throws Json.SyntaxException {
        var failure = greetFailure("{\"name\":7}");

        assertThat(failure.kind()).isEqualTo(CodeFailure.Kind.ARGUMENT);
        assertThat(failure.message())
                .startsWith("greet: argument 1: json: cannot unmarshal number");
    }

    @Test
    void callJson_panic_failsAsPanicWithoutStack() throws Json.SyntaxException {
        assertThat(greetFailure("{\"name\":\"panic\"}"))
                .isEqualTo(
                        new CodeFailure(
                                CodeFailure.Kind.PANIC, "greet", "greet: no greeting for panic"));
    }

    @Test
    void callJson_outcomeWithoutSense_failsAsResult() {
        assertThat(failure(pool, "odd_tag", Value.NULL).message())
                .isEqualTo("odd_tag: result: tag 9 (expected: 0..3)");
        assertThat(failure(pool, "no_outcome", Value.NULL).message())
                .isEqualTo("no_outcome: result: tag -1 (expected: 0..3)");
    }

    @Test
    void callJson_scalarsForBasicTypes_areMadeToFit() {
        assertThat(
                        value(
                                pool,
                                "describe",
                                Value.Whole.of(21),
                                new Value.Text("-5"),
                                new Value.Text("true")))
                .isEqualTo(new Value.Text("\"21\" -5 true"));
        assertThat(
                        failure(pool, "describe", Value.NULL, new Value.Fraction(0.5), Value.TRUE)
                                .message())
                .isEqualTo("describe: argument 2: 0.5 (expected: int32, -2147483648..2147483647)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"null", "true", "false", "\"a\\\"b\"", "\"\"", "12", "-12", "0.25", "1e3"})
    void callJson_scalarResult_isPlainValue(String json) throws Json.SyntaxException {
        assertThat(value(pool, "identity", new Value.Encoded(utf8(json))))
                .isEqualTo(Json.value(Json.parse(utf8(json))));
    }

    @Test
    void callJson_resultThatIsNotJson_failsAsResult() {
        var failure = failure(pool, "identity", new Value.Encoded(utf8("oops")));

        assertThat(failure.message()).isEqualTo("identity: result: not JSON (expected: JSON)");
    }

    @Test
    void random_twoCalls_differ() {
        assertThat(value(pool, "random")).isNotEqualTo(value(pool, "random"));
    }

    @Test
    void random_manyBytesAtOnce_areAllDrawn() {
        var zeros = (Value.Whole) value(pool, "random_zeros", Value.Whole.of(200_000));

        // A 256th of them, give or take six standard deviations.
        assertThat(zeros.bits()).isBetween(600L, 960L);
    }

    @Test
    void clock_inGuest_isTheHosts() {
        long before = System.nanoTime();
        long first = ((Value.Whole) value(pool, "now_ms")).bits();
        long second = ((Value.Whole) value(pool, "now_ms")).bits();
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before) + 1;

        assertThat(second - first).isBetween(0L, elapsed);
        assertThat(first).isGreaterThan(TimeUnit.DAYS.toMillis(50 * 365));
    }

    @Test
    void call_anyOutcome_isTimed() {
        value(pool, "busy_ms", Value.Whole.of(3));
        failure(pool, "exits", Value.Whole.of(1));

        var ok =
                node.registry
                        .get("mimicore_wasm_execution_seconds")
                        .tags("api", "test", "function", "busy_ms", "outcome", "ok")
                        .timer();
        assertThat(ok.count()).isEqualTo(1);
        assertThat(ok.totalTime(TimeUnit.MILLISECONDS)).isGreaterThan(2.5);
        assertThat(
                        node.registry
                                .get("mimicore_wasm_execution_seconds")
                                .tags("api", "test", "function", "exits", "outcome", "exit")
                                .timer()
                                .count())
                .isEqualTo(1);
    }

    private CodeFailure greetFailure(String user) throws Json.SyntaxException {
        return failure(pool, "greet", new Value.Tree(Json.parse(utf8(user))), Value.Whole.of(1));
    }

    private static String raw(Value value) {
        return new String(((Value.Raw) value).bytes(), UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
