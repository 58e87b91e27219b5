package io.mimicore.dataplane.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.extract.RequestReader;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.Validation;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import io.mimicore.ir.Validation.FieldRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestValidatorTest {
    private static final String ORDER =
            """
            {"type": "object", "required": ["customer", "lines"], "properties": {
              "customer": {"type": "string", "minLength": 1},
              "lines": {"type": "array", "minItems": 1, "items": {
                "type": "object", "properties": {"count": {"type": "integer", "minimum": 1}}}}}}
            """;

    @Test
    void check_everythingWrong_tellsEveryViolation() {
        var rules =
                new Validation(
                        List.of(
                                new FieldRule("Authorization", true, "^Bearer .+", null, null),
                                new FieldRule("X-Level", false, null, 1.0, 9.0)),
                        List.of(
                                new FieldRule("currency", false, "^[A-Z]{3}$", null, null),
                                new FieldRule("page", true, null, null, null)),
                        new BodySchema(Dialect.DRAFT_2020_12, ORDER));
        RecordedExchange exchange =
                exchange("/x?currency=eur")
                        .with("X-Level", "12")
                        .withBody(
                                "{\"customer\":\"\",\"lines\":[{\"count\":0},{\"count\":\"a\"}]}");

        assertThat(check(rules, exchange))
                .extracting(it -> it.in().label() + " " + it.place() + " " + it.code())
                .containsExactly(
                        "header Authorization required",
                        "header X-Level max",
                        "query currency pattern",
                        "query page required",
                        "body /customer minLength",
                        "body /lines/0/count minimum",
                        "body /lines/1/count type");
    }

    @Test
    void check_everythingRight_tellsNothing() {
        var rules =
                new Validation(
                        List.of(new FieldRule("authorization", true, "^Bearer .+", null, null)),
                        List.of(new FieldRule("n", true, "[0-9]", -1.5, 1e3)),
                        new BodySchema(Dialect.DRAFT_2020_12, ORDER));
        RecordedExchange exchange =
                exchange("/x?n=1000")
                        .with("Authorization", "Bearer x")
                        .withBody("{\"customer\":\"c\",\"lines\":[{\"count\":1}]}");

        assertThat(check(rules, exchange)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"abc, type", "-2, min", "1001, max", "NaN, type", "1e400, max", "'', type"})
    void check_range_isNumeric(String text, String code) {
        var rules =
                new Validation(
                        List.of(), List.of(new FieldRule("n", false, null, -1.0, 1e3)), null);

        assertThat(check(rules, exchange("/x?n=" + text)))
                .extracting(Violation::code)
                .containsExactly(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\":1,\"a\":2}", "[1] 2"})
    void check_bodyThatIsNoJson_isOneViolationWithItsPlace(String body) {
        var rules =
                new Validation(List.of(), List.of(), new BodySchema(Dialect.DRAFT_2020_12, ORDER));

        assertThat(check(rules, exchange("/x").withBody(body)))
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.code()).isEqualTo("syntax");
                    assertThat(violation.position()).isNotNull();
                });
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void check_everyDialect_checks(Dialect dialect) {
        var rules =
                new Validation(
                        List.of(),
                        List.of(),
                        new BodySchema(
                                dialect,
                                "{\"type\":\"object\",\"required\":[\"a\"],"
                                        + "\"properties\":{\"a\":{\"$ref\":\"#/definitions/n\"}},"
                                        + "\"definitions\":{\"n\":{\"type\":\"integer\"}}}"));

        assertThat(check(rules, exchange("/x").withBody("{\"a\":1}"))).isEmpty();
        assertThat(check(rules, exchange("/x").withBody("{\"a\":\"1\"}")))
                .extracting(Violation::place)
                .containsExactly("/a");
        assertThat(check(rules, exchange("/x").withBody("{}")))
                .extracting(Violation::code)
                .containsExactly("required");
    }

    @Test
    void check_draft4ExclusiveMinimum_isABoolean() {
        var rules =
                new Validation(
                        List.of(),
                        List.of(),
                        new BodySchema(
                                Dialect.DRAFT_4, "{\"minimum\":1,\"exclusiveMinimum\":true}"));

        assertThat(check(rules, exchange("/x").withBody("1"))).hasSize(1);
        assertThat(check(rules, exchange("/x").withBody("2"))).isEmpty();
    }

    @Test
    void check_anyLocale_messagesAreEnglish() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            var rules =
                    new Validation(
                            List.of(),
                            List.of(),
                            new BodySchema(Dialect.DRAFT_2020_12, "{\"type\":\"string\"}"));

            assertThat(check(rules, exchange("/x").withBody("1")))
                    .extracting(Violation::message)
                    .containsExactly("integer found, string expected");
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"http://127.0.0.1:1/schema.json\"}",
                "{\"$ref\":\"file:///etc/hostname\"}",
                "{\"$ref\":\"#/definitions/none\"}",
                "{\"pattern\":\"(\"}",
                "{\"type\":",
                "[]",
                "{\"$schema\":\"http://127.0.0.1:1/dialect\"}",
            })
    void compile_schemaThatCannotBeUsed_isAProblem(String schema) {
        List<RuleProblem> problems = new ArrayList<>();
        RequestValidator.compile(
                new Validation(List.of(), List.of(), new BodySchema(Dialect.DRAFT_2020_12, schema)),
                problems);

        assertThat(problems)
                .extracting(RuleProblem::code)
                .containsExactly(DiagnosticCode.SCHEMA_INVALID);
    }

    @Test
    void compile_patternOutsideRe2_isAProblem() {
        List<RuleProblem> problems = new ArrayList<>();
        RequestValidator.compile(
                new Validation(
                        List.of(new FieldRule("X-A", false, "(?=a)", null, null)), List.of(), null),
                problems);

        assertThat(problems)
                .extracting(RuleProblem::code)
                .containsExactly(DiagnosticCode.PATTERN_SYNTAX);
    }

    @Test
    void check_patternThatBacktracks_stopsAtItsLimit() {
        var rules =
                new Validation(
                        List.of(),
                        List.of(),
                        new BodySchema(Dialect.DRAFT_2020_12, "{\"pattern\":\"^(a|aa)+\\\\1b$\"}"));

        assertThat(check(rules, exchange("/x").withBody("\"aaaab\""))).isEmpty();
        assertThat(check(rules, exchange("/x").withBody("\"b\"")))
                .extracting(Violation::code)
                .containsExactly("pattern");
        assertThat(check(rules, exchange("/x").withBody("\"" + "a".repeat(40) + "!\"")))
                .extracting(Violation::code)
                .containsExactly("limit");
    }

    @Test
    void check_schemaThatRefersToItselfForever_stopsAtItsLimit() {
        List<RuleProblem> problems = new ArrayList<>();
        var schema = new BodySchema(Dialect.DRAFT_2020_12, "{\"allOf\":[{\"$ref\":\"#\"}]}");
        var validator =
                RequestValidator.compile(new Validation(List.of(), List.of(), schema), problems);
        List<Violation> violations = new ArrayList<>();
        if (problems.isEmpty()) {
            violations.addAll(check(validator, exchange("/x").withBody("1")));
        }

        assertThat(problems.size() + violations.size()).isEqualTo(1);
    }

    @Test
    void check_format_assertsOnlyWhereTheDraftSaysSo() {
        String schema = "{\"format\":\"ipv4\"}";
        RecordedExchange exchange = exchange("/x").withBody("\"no address\"");

        assertThat(check(body(Dialect.DRAFT_7, schema), exchange)).hasSize(1);
        assertThat(check(body(Dialect.DRAFT_2020_12, schema), exchange)).isEmpty();
    }

    private static Validation body(Dialect dialect, String schema) {
        return new Validation(List.of(), List.of(), new BodySchema(dialect, schema));
    }

    private static List<Violation> check(Validation rules, RecordedExchange exchange) {
        List<RuleProblem> problems = new ArrayList<>();
        var validator = RequestValidator.compile(rules, problems);
        assertThat(problems).isEmpty();
        return check(validator, exchange);
    }

    private static List<Violation> check(RequestValidator validator, RecordedExchange exchange) {
        var reader = new RequestReader(exchange, PathParameters.of(PathPattern.parse("/x")));
        reader.body(exchange.sentBody());
        assertThat(reader.parseQuery()).isNull();
        List<Violation> violations = new ArrayList<>();
        validator.check(reader, violations);
        return violations;
    }

    private static RecordedExchange exchange(String target) {
        return RecordedExchange.of("POST", "a.localhost", target);
    }
}
