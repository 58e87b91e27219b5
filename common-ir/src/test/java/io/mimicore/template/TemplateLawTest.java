package io.mimicore.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Argument;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.RandomIr;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// What holds for every template, tried with many.
class TemplateLawTest {
    private static final int TEMPLATES = 500;
    private static final RandomIr.Names NAMES = new RandomIr.Names(3, 4, List.of("id", "rest"));
    private static final List<String> FUNCTIONS = List.of("f0", "f1", "f2", "f3");
    private static final TemplatePrinter PRINTER =
            new TemplatePrinter(Map.of(0, "v0", 1, "v1", 2, "v2"), FUNCTIONS);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void text_ofPrinted_givesTheSame(long seed) {
        RandomIr random = new RandomIr(new SplittableRandom(seed));
        for (int i = 0; i < TEMPLATES; i++) {
            TextTemplate template = plain(random.text(NAMES));
            String source = PRINTER.text(template);

            assertThat(compiler().text(source)).as(source).isEqualTo(template);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void jsonString_ofAnyTemplate_isAJsonStringOfTheSameText(long seed) {
        RandomIr random = new RandomIr(new SplittableRandom(seed));
        for (int i = 0; i < TEMPLATES; i++) {
            TextTemplate template = plain(random.text(NAMES));
            List<JsonTemplate.Part> parts = compiler().jsonString(PRINTER.text(template));
            if (parts.getFirst() instanceof JsonTemplate.Value(Expression value)) {
                assertThat(template.parts())
                        .containsExactly(
                                new TextTemplate.Hole(
                                        new Expression.Filtered(value, Filter.JSON, List.of())));
            } else {
                StringBuilder json = new StringBuilder();
                parts.forEach(part ->
                        json.append(part instanceof JsonTemplate.Raw(String raw) ? raw : "<>"));
                assertThat(decoded(json.toString())).isEqualTo(withoutHoles(template));
                assertThat(adjacentRaws(parts)).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void argument_ofOneExpression_isTheExpressionItself(long seed) {
        RandomIr random = new RandomIr(new SplittableRandom(seed));
        for (int i = 0; i < TEMPLATES; i++) {
            Expression expression = random.expression(NAMES, 4);
            String source = "{{" + PRINTER.expression(expression) + "}}";
            Expression expected =
                    expression instanceof Expression.Filtered filtered
                                    && filtered.filter() == Filter.JSON
                            ? filtered.input()
                            : expression;

            assertThat(compiler().argument(source))
                    .as(source)
                    .isEqualTo(new Argument.Computed(expected));
        }
    }

    /// Whatever is cut out of a template or put into it, every problem has a place in the string.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void text_damagedTemplate_reportsInsideTheString(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RandomIr irs = new RandomIr(random);
        for (int i = 0; i < TEMPLATES; i++) {
            String source = PRINTER.text(irs.text(NAMES));
            int from = random.nextInt(source.length() + 1);
            int to = Math.min(source.length(), from + random.nextInt(4));
            String damaged = source.substring(0, from) + irs.string() + source.substring(to);
            List<TemplateProblem> problems = new ArrayList<>();
            TemplateCompiler compiler = new TemplateCompiler(scope(), problems::add);
            TextTemplate template = compiler.text(damaged);

            for (TemplateProblem problem : problems) {
                assertThat(problem.offset() + problem.length())
                        .as(damaged)
                        .isLessThanOrEqualTo(damaged.length());
            }
            if (problems.isEmpty()) {
                assertThat(compiler.text(PRINTER.text(template))).as(damaged).isEqualTo(template);
            }
        }
    }

    private static TemplateCompiler compiler() {
        // Filters are given literals of any kind here, which is reported and compiled all the same.
        Consumer<TemplateProblem> none =
                problem -> assertThat(problem.code()).isEqualTo(DiagnosticCode.ARGUMENT_TYPE);
        return new TemplateCompiler(scope(), none);
    }

    /// Functions without numeric parameters take whatever the generator gives them; number `f`
    /// takes `f` arguments, as the generator calls it.
    private static Scope scope() {
        return new Scope(
                Map.of("v0", 0, "v1", 1, "v2", 2), Set.copyOf(NAMES.pathParameters()), functions());
    }

    private static List<FunctionSignature> functions() {
        List<FunctionSignature> functions = new ArrayList<>();
        for (int arity = 0; arity < FUNCTIONS.size(); arity++) {
            functions.add(
                    new FunctionSignature.Json(
                            FUNCTIONS.get(arity),
                            List.of("int", "int", "int").subList(0, arity),
                            true,
                            false));
        }
        return functions;
    }

    /// The form that the compiler gives: no text next to another, none in a hole of its own.
    private static TextTemplate plain(TextTemplate template) {
        List<TextTemplate.Part> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal(String literal) -> text.append(literal);
                case TextTemplate.Hole(Expression.Constant(JsonValue.JsonText(String literal))) ->
                        text.append(literal);
                case TextTemplate.Hole hole -> {
                    flush(text, parts);
                    parts.add(new TextTemplate.Hole(hole.expression()));
                }
            }
        }
        flush(text, parts);
        return new TextTemplate(parts);
    }

    private static void flush(StringBuilder text, List<TextTemplate.Part> parts) {
        if (!text.isEmpty()) {
            parts.add(new TextTemplate.Literal(text.toString()));
            text.setLength(0);
        }
    }

    private static String withoutHoles(TextTemplate template) {
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            text.append(part instanceof TextTemplate.Literal(String literal) ? literal : "<>");
        }
        return text.toString();
    }

    private static long adjacentRaws(List<JsonTemplate.Part> parts) {
        long adjacent = 0;
        for (int i = 1; i < parts.size(); i++) {
            if (parts.get(i) instanceof JsonTemplate.Raw
                    && parts.get(i - 1) instanceof JsonTemplate.Raw) {
                adjacent++;
            }
        }
        return adjacent;
    }

    private static String decoded(String json) {
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            String text = parser.getString();
            assertThat(parser.nextToken()).isNull();
            return text;
        }
    }
}
