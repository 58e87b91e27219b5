package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.Filter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FiltersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "upper | \"straße\" | - | STRASSE",
                "upper | 1.5 | - | 1.5",
                "lower | \"ÀB\" | - | àb",
                "trim | \"  a b \\n\" | - | a b",
                "length | \"a😀\" | - | 2",
                "length | [1,2,3] | - | 3",
                "length | {\"a\":1} | - | 1",
                "length | null | - | 0",
                "length | true | - | 4",
                "first | [1,2] | - | 1",
                "last | [1,[2]] | - | [2]",
                "first | [] | - | ''",
                "first | {\"a\":1} | - | ''",
                "first | \"😀b\" | - | 😀",
                "last | \"a😀\" | - | 😀",
                "join | [1,\"a\",null,true] | - | 1,a,,true",
                "join | [1,2] | \", \" | 1, 2",
                "join | \"abc\" | \"-\" | abc",
                "default | null | \"n/a\" | n/a",
                "default | \"\" | \"n/a\" | n/a",
                "default | 0 | \"n/a\" | 0",
                "default | false | \"n/a\" | false",
                "default | [] | \"n/a\" | []",
                "url_encode | \"a b/ü~\" | - | a%20b%2F%C3%BC~",
                "base64 | \"hé\" | - | aMOp",
                "json | \"a\\\"b\" | - | \"a\\\"b\"",
                "json | [1, 2] | - | [1,2]",
                "json | null | - | null",
                "round | 2.5 | - | 3",
                "round | -2.5 | - | -3",
                "round | 1.005 | 2 | 1.01",
                "round | 1234.5 | -2 | 1200",
                "round | 7 | 3 | 7",
                "round | \"1.26\" | 1 | 1.3",
                "round | \"abc\" | 1 | abc",
                "round | 1e300 | - | 1e+300",
                "round | 9223372036854775807 | 0 | 9223372036854775807",
            })
    void apply_value_isAsDocumented(
            String filter, String in, @Nullable String argument, String expected) {
        Filter named = named(filter);
        Value result =
                argument == null
                        ? Filters.apply(named, value(in))
                        : Filters.apply(named, value(in), value(argument));

        assertThat(ValuePrinter.text(result)).isEqualTo(expected);
    }

    @Test
    void replace_everyOccurrence_literally() {
        assertThat(replace("a.b.c", ".", "$1")).isEqualTo("a$1b$1c");
        assertThat(replace("aaa", "aa", "b")).isEqualTo("ba");
        assertThat(replace("abc", "", "x")).isEqualTo("abc");
    }

    @Test
    void replace_growingPastTheLimit_overflowsBeforeItAllocates() {
        String text = "a".repeat(1 << 20);

        assertThatThrownBy(() -> replace(text, "a", "bbbbb")).isInstanceOf(ByteSink.Overflow.class);
        assertThat(replace(text, "a", "bbbb")).hasSize(4 << 20);
    }

    @Test
    void base64_bytesOfAFunction_areTakenAsTheyAre() {
        Value raw = new Value.Raw(new byte[] {(byte) 0xff, 0});

        assertThat(ValuePrinter.text(Filters.apply(Filter.BASE64, raw))).isEqualTo("/wA=");
    }

    @Test
    void apply_encodedResult_countsAsItsValue() {
        Value list = new Value.Encoded("[1,2]".getBytes(UTF_8));
        Value empty = new Value.Encoded("\"\"".getBytes(UTF_8));

        assertThat(Filters.apply(Filter.LENGTH, list)).isEqualTo(Value.Whole.of(2));
        assertThat(Filters.apply(Filter.LAST, list)).isEqualTo(Value.Whole.of(2));
        assertThat(Filters.apply(Filter.DEFAULT, empty, Value.TRUE)).isEqualTo(Value.TRUE);
        assertThat(Filters.apply(Filter.LENGTH, new Value.Raw("[1]".getBytes(UTF_8))))
                .isEqualTo(Value.Whole.of(1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Filter.class,
            names = {"UPPER", "LOWER", "TRIM", "URL_ENCODE", "BASE64", "JOIN", "ROUND"})
    void apply_missing_staysMissing(Filter filter) {
        assertThat(Filters.apply(filter, Value.MISSING)).isEqualTo(Value.MISSING);
        assertThat(Filters.apply(filter, Value.NULL)).isEqualTo(Value.NULL);
    }

    @Test
    void upper_turkishMachine_keepsItsI() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("tr"));
            assertThat(ValuePrinter.text(Filters.apply(Filter.UPPER, new Value.Text("i"))))
                    .isEqualTo("I");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static String replace(String text, String target, String replacement) {
        return ValuePrinter.text(
                Filters.apply(
                        Filter.REPLACE,
                        new Value.Text(text),
                        new Value.Text(target),
                        new Value.Text(replacement)));
    }

    private static Filter named(String name) {
        Filter filter = Filter.named(name);
        if (filter == null) {
            throw new IllegalArgumentException("filter: " + name);
        }
        return filter;
    }

    private static Value value(String json) {
        try {
            return Json.value(Json.parse(json.getBytes(UTF_8)));
        } catch (Json.SyntaxException e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
