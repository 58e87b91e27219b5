package io.mimicore.dataplane.extract;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.Extraction;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariableExtractionTest {
    private final List<Violation> violations = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "007, 7",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808",
        "9223372036854775808, 9223372036854775808",
        "18446744073709551615, 18446744073709551615",
    })
    void extract_integer_fits(String text, String printed) {
        Value value = query(text, ValueType.INTEGER);

        assertThat(value).isInstanceOf(Value.Whole.class);
        assertThat(ValuePrinter.text(value)).isEqualTo(printed);
        assertThat(violations).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "%2B1",
                "+1",
                "1.0",
                "1e3",
                "0x1",
                "--1",
                "-",
                "1_0",
                "%D9%A1",
                "18446744073709551616",
                "-9223372036854775809",
                "99999999999999999999999"
            })
    void extract_integerThatIsNone_isAViolation(String text) {
        assertThat(query(text, ValueType.INTEGER)).isEqualTo(Value.MISSING);
        assertThat(violations).hasSize(1);
        assertThat(violations.getFirst().in()).isEqualTo(Violation.Location.QUERY);
        assertThat(violations.getFirst().place()).isEqualTo("q");
        assertThat(violations.getFirst().message())
                .startsWith("v: ")
                .endsWith("(expected: an integer from -2^63 to 2^64-1)");
    }

    @ParameterizedTest
    @CsvSource({"1.5, 1.5", "-2, -2", "1e3, 1000", "1E-2, 0.01"})
    void extract_float_fits(String text, String printed) {
        assertThat(ValuePrinter.text(query(text, ValueType.FLOAT))).isEqualTo(printed);
        assertThat(violations).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "1e999", "1.", ".5", "1d", "0x1p3", "", "%201"})
    void extract_floatThatIsNone_isAViolation(String text) {
        query(text, ValueType.FLOAT);

        assertThat(violations).hasSize(1);
    }

    @Test
    void extract_boolAndJson_convert() {
        assertThat(query("true", ValueType.BOOLEAN)).isEqualTo(Value.TRUE);
        assertThat(ValuePrinter.text(query("%5B1,%22a%22%5D", ValueType.JSON)))
                .isEqualTo("[1,\"a\"]");
        assertThat(violations).isEmpty();
        query("True", ValueType.BOOLEAN);
        query("{", ValueType.JSON);
        assertThat(violations).hasSize(2);
    }

    @Test
    void extract_absent_takesTheDefaultOrStaysMissing() {
        var absent = new RequestField.Query("other");
        var fallback = new JsonValue.JsonNumber("5");

        assertThat(run(absent, List.of(), ValueType.INTEGER, null, exchange("/x?q=1")))
                .isEqualTo(Value.MISSING);
        assertThat(run(absent, List.of(), ValueType.INTEGER, fallback, exchange("/x?q=1")))
                .isEqualTo(Value.Whole.of(5));
    }

    @Test
    void extract_otherSources_areRead() {
        RecordedExchange exchange =
                exchange("/a%20b?q=1&q=2&flag")
                        .with("X-Name", "Zo\u00c3\u00ab")
                        .with("Cookie", "a=1; session=\"s=2\"")
                        .with("Cookie", "session=other");

        assertThat(text(new RequestField.PathParameter("p"), exchange)).isEqualTo("a b");
        assertThat(text(new RequestField.Query("q"), exchange)).isEqualTo("1");
        assertThat(text(new RequestField.Query("flag"), exchange)).isEmpty();
        assertThat(text(new RequestField.Header("X-NAME"), exchange)).isEqualTo("Zoë");
        assertThat(text(new RequestField.Cookie("session"), exchange)).isEqualTo("\"s=2\"");
        assertThat(text(new RequestField.Method(), exchange)).isEqualTo("GET");
        assertThat(text(new RequestField.Path(), exchange)).isEqualTo("/a%20b");
        assertThat(text(new RequestField.Host(), exchange)).isEqualTo("a.localhost");
        assertThat(text(new RequestField.Id(), exchange)).isEqualTo("request-1");
    }

    @Test
    void extract_body_isTextAsItIs() {
        RecordedExchange exchange = exchange("/x").withBody("{\"a\": 1}");

        assertThat(run(new RequestField.Body(), List.of(), ValueType.STRING, null, exchange))
                .isEqualTo(new Value.Text("{\"a\": 1}"));
        assertThat(run(new RequestField.Body(), List.of(), ValueType.STRING, null, exchange("/x")))
                .isEqualTo(Value.MISSING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | INTEGER | 7",
                "7.0 | INTEGER | 7",
                "\"7\" | INTEGER | 7",
                "7 | FLOAT | 7",
                "7 | STRING | 7",
                "1.50 | STRING | 1.5",
                "true | BOOLEAN | true",
                "\"true\" | BOOLEAN | true",
                "[1, 2] | STRING | [1,2]",
                "[1, 2] | JSON | [1,2]",
                "null | STRING | ''",
            })
    void extract_partOfABody_converts(String json, ValueType type, String printed) {
        assertThat(ValuePrinter.text(part(json, type))).isEqualTo(printed);
        assertThat(violations).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7.5 | INTEGER",
                "1e300 | INTEGER",
                "true | INTEGER",
                "1 | BOOLEAN",
                "[] | FLOAT"
            })
    void extract_partOfABodyThatDoesNotConvert_isAViolationWithItsPointer(
            String json, ValueType type) {
        part(json, type);

        assertThat(violations)
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.in()).isEqualTo(Violation.Location.BODY);
                    assertThat(violation.place()).isEqualTo("/a~1b/0");
                });
    }

    @Test
    void extract_partOfABodyThatIsNoJson_isAViolationWithItsPlace() {
        RecordedExchange exchange = exchange("/x").withBody("{\n\"a\" 1}");
        run(
                new RequestField.Body(),
                List.of(new Step.Field("a")),
                ValueType.INTEGER,
                null,
                exchange);

        assertThat(violations)
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.code()).isEqualTo("syntax");
                    assertThat(violation.position()).isEqualTo(new Violation.Position(2, 5));
                });
    }

    private Value query(String text, ValueType type) {
        return run(new RequestField.Query("q"), List.of(), type, null, exchange("/x?q=" + text));
    }

    private Value part(String json, ValueType type) {
        RecordedExchange exchange = exchange("/x").withBody("{\"a/b\":[" + json + "]}");
        return run(
                new RequestField.Body(),
                List.of(new Step.Field("a/b"), new Step.Index(0)),
                type,
                null,
                exchange);
    }

    private String text(RequestField field, RecordedExchange exchange) {
        return ValuePrinter.text(run(field, List.of(), ValueType.STRING, null, exchange));
    }

    private Value run(
            RequestField field,
            List<Step> steps,
            ValueType type,
            @Nullable JsonValue fallback,
            RecordedExchange exchange) {
        var parameters = PathParameters.of(PathPattern.parse("/{p}"));
        var reader = new RequestReader(exchange, parameters);
        reader.body(exchange.sentBody());
        assertThat(reader.parseQuery()).isNull();
        Value[] slots = {Value.NULL};
        VariableExtraction.of(new Extraction(0, "v", field, steps, type, fallback), parameters)
                .extract(reader, slots, violations);
        return slots[0];
    }

    private static RecordedExchange exchange(String target) {
        return RecordedExchange.of("GET", "a.localhost", target);
    }

    @Test
    void parseQuery_malformedEncoding_isAViolation() {
        for (String query : List.of("a=%zz", "%=1", "a=1&b=%ff")) {
            var reader =
                    new RequestReader(
                            exchange("/x?" + query), PathParameters.of(PathPattern.parse("/x")));

            assertThat(reader.parseQuery()).as(query).isNotNull();
        }
    }
}
