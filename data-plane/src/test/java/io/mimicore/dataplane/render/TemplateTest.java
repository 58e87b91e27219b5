package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.extract.RequestReader;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.routing.PathParameters;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.PathPattern;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Step;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class TemplateTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final PathParameters NO_PARAMETERS = PathParameters.of(PathPattern.parse("/x"));
    private static final String[] TEXTS = {
        "",
        "a",
        "quote \" back \\ slash",
        "line\nend\t",
        "\u0001\u001f\u007f",
        "é€😀",
        "\u2028",
        "12",
        "null",
        "{{",
    };

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void render_generatedText_equalsNaiveInterpreter(long seed) {
        RandomGenerator random = random(seed);
        List<Value> slots = slots(random);
        var naive = new NaiveInterpreter(slots);
        List<TextTemplate.Part> parts = new ArrayList<>();
        var expected = new StringBuilder();
        for (int i = 0; i < random.nextInt(8); i++) {
            if (random.nextBoolean()) {
                String text = TEXTS[random.nextInt(TEXTS.length)];
                parts.add(new TextTemplate.Literal(text));
                expected.append(text);
            } else {
                Expression expression = expression(random, slots.size(), 3);
                parts.add(new TextTemplate.Hole(expression));
                expected.append(naive.evaluate(expression).text());
            }
        }
        Template template = compiler(slots).compile(new TextTemplate(parts));

        assertThat(new String(render(template, slots), UTF_8)).isEqualTo(expected.toString());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void render_generatedJson_isValidAndEqualsNaiveInterpreter(long seed) {
        RandomGenerator random = random(seed);
        List<Value> slots = slots(random);
        var writer = new JsonWriter(random, new NaiveInterpreter(slots), slots.size());
        JsonNode expected = writer.value(3);
        Template template = compiler(slots).compile(new JsonTemplate(writer.parts()));

        byte[] rendered = render(template, slots);

        assertThat(normal(MAPPER.readTree(rendered)))
                .as(new String(rendered, UTF_8))
                .isEqualTo(normal(expected));
    }

    @Test
    void render_brokenText_isValidUtf8AllTheSame() {
        List<Value> slots =
                List.of(
                        new Value.Text("\ud800x"),
                        new Value.Raw(new byte[] {'"', (byte) 0xe2, (byte) 0x82, '\n'}));
        Template template =
                compiler(slots)
                        .compile(
                                new JsonTemplate(
                                        List.of(
                                                new JsonTemplate.Raw("[\""),
                                                new JsonTemplate.InString(variable(0)),
                                                new JsonTemplate.InString(variable(1)),
                                                new JsonTemplate.Raw("\","),
                                                new JsonTemplate.Value(variable(0)),
                                                new JsonTemplate.Raw(","),
                                                new JsonTemplate.Value(variable(1)),
                                                new JsonTemplate.Raw("]"))));

        assertThat(MAPPER.readTree(render(template, slots)))
                .isEqualTo(
                        MAPPER.createArrayNode()
                                .add("\ufffdx\"\ufffd\n")
                                .add("\ufffdx")
                                .add("\"\ufffd\n"));
    }

    @Test
    void compile_withoutHoles_isConstant() {
        Template text = compiler(List.of()).compile(TextTemplate.of("é"));
        Template hole =
                compiler(List.of())
                        .compile(
                                new TextTemplate(
                                        List.of(
                                                new TextTemplate.Literal("n="),
                                                new TextTemplate.Hole(
                                                        new Expression.Constant(
                                                                new JsonValue.JsonNumber(
                                                                        "1.0"))))));

        assertThat(text.isConstant()).isTrue();
        assertThat(text.constant()).isEqualTo("é".getBytes(UTF_8));
        assertThat(hole.constant()).isEqualTo("n=1".getBytes(UTF_8));
        assertThat(compiler(List.of()).compile(TextTemplate.of("")).constant()).isEmpty();
    }

    @Test
    void compile_nestedCalls_innermostComesFirstAndReadsFollow() {
        var compiler = new TemplateCompiler(NO_PARAMETERS, 1);
        Expression inner = new Expression.Call(0, List.of(variable(0)));
        compiler.compile(
                new TextTemplate(
                        List.of(
                                new TextTemplate.Hole(
                                        new Expression.Call(1, List.of(inner, variable(0)))))));

        assertThat(compiler.slots()).isEqualTo(3);
        assertThat(compiler.invocations())
                .extracting(CodeInvocation::function)
                .containsExactly(0, 1);
        assertThat(compiler.invocations().get(0).reads().stream()).containsExactly(0);
        assertThat(compiler.invocations().get(1).reads().stream()).containsExactly(0, 1);
    }

    @Test
    void compile_requestValues_tellWhatHasToBeRead() {
        var compiler = new TemplateCompiler(NO_PARAMETERS, 0);
        compiler.compile(hole(new RequestField.Header("Host")));
        assertThat(compiler.readsBody()).isFalse();
        compiler.compile(hole(new RequestField.Body()));
        assertThat(compiler.readsBody()).isTrue();
        assertThat(compiler.readsQuery()).isFalse();
        compiler.compile(hole(new RequestField.Query("q")));
        assertThat(compiler.readsQuery()).isTrue();
    }

    private static TextTemplate hole(RequestField field) {
        return new TextTemplate(
                List.of(new TextTemplate.Hole(new Expression.RequestValue(field, List.of()))));
    }

    private static Expression variable(int slot, Step... steps) {
        return new Expression.Variable(slot, List.of(steps));
    }

    private static TemplateCompiler compiler(List<Value> slots) {
        return new TemplateCompiler(NO_PARAMETERS, slots.size());
    }

    private static byte[] render(Template template, List<Value> slots) {
        var exchange = RecordedExchange.of("GET", "a", "/x");
        var scope = new Scope(new RequestReader(exchange, NO_PARAMETERS), slots.size());
        for (int i = 0; i < slots.size(); i++) {
            scope.slots()[i] = slots.get(i);
        }
        var sink = new ByteArraySink(1 << 20);
        template.render(scope, sink);
        return sink.toByteArray();
    }

    /// Compares numbers by value: 5 and the big integer 5 are one JSON number.
    private static String normal(JsonNode node) {
        return node.toString();
    }

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static List<Value> slots(RandomGenerator random) {
        List<Value> slots = new ArrayList<>();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            slots.add(slot(random));
        }
        return slots;
    }

    private static Value slot(RandomGenerator random) {
        String json = json(random, 3).toString();
        String text = TEXTS[random.nextInt(TEXTS.length)];
        return switch (random.nextInt(10)) {
            case 0 -> Value.MISSING;
            case 1 -> Value.NULL;
            case 2 -> Value.Bool.of(random.nextBoolean());
            case 3 -> new Value.Whole(random.nextLong(), random.nextBoolean());
            case 4 -> new Value.Fraction(random.nextInt(1_000) + 0.25);
            case 5 -> new Value.Text(text);
            case 6 -> Json.value(MAPPER.readTree(json));
            case 7 -> new Value.Encoded(json.getBytes(UTF_8));
            case 8 -> new Value.Raw(json.getBytes(UTF_8));
            default -> new Value.Raw(text.getBytes(UTF_8));
        };
    }

    private static JsonNode json(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> JsonNodeFactory.instance.stringNode(TEXTS[random.nextInt(TEXTS.length)]);
            case 1 -> JsonNodeFactory.instance.numberNode(random.nextInt());
            case 2 -> JsonNodeFactory.instance.nullNode();
            case 3 -> {
                ArrayNode array = MAPPER.createArrayNode();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.add(json(random, depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = MAPPER.createObjectNode();
                for (int i = random.nextInt(3); i > 0; i--) {
                    object.set("k" + random.nextInt(2), json(random, depth - 1));
                }
                yield object;
            }
        };
    }

    private static Expression expression(RandomGenerator random, int slots, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            Filter[] filters = {
                Filter.JSON,
                Filter.DEFAULT,
                Filter.UPPER,
                Filter.LOWER,
                Filter.TRIM,
                Filter.LENGTH,
                Filter.JOIN
            };
            Filter filter = filters[random.nextInt(filters.length)];
            List<Expression> arguments =
                    filter == Filter.DEFAULT || (filter == Filter.JOIN && random.nextBoolean())
                            ? List.of(expression(random, slots, depth - 1))
                            : List.of();
            return new Expression.Filtered(expression(random, slots, depth - 1), filter, arguments);
        }
        return switch (random.nextInt(4)) {
            case 0 ->
                    new Expression.Constant(
                            new JsonValue.JsonText(TEXTS[random.nextInt(TEXTS.length)]));
            case 1 ->
                    new Expression.Constant(
                            new JsonValue.JsonNumber(Integer.toString(random.nextInt())));
            case 2 -> variable(random.nextInt(slots));
            default ->
                    random.nextBoolean()
                            ? variable(random.nextInt(slots), new Step.Field("k0"))
                            : variable(random.nextInt(slots), new Step.Index(0));
        };
    }

    /// Writes a random JSON template and, next to it, the tree it must become.
    private static final class JsonWriter {
        private final RandomGenerator random;
        private final NaiveInterpreter naive;
        private final int slots;
        private final List<JsonTemplate.Part> parts = new ArrayList<>();

        JsonWriter(RandomGenerator random, NaiveInterpreter naive, int slots) {
            this.random = random;
            this.naive = naive;
            this.slots = slots;
        }

        List<JsonTemplate.Part> parts() {
            return parts;
        }

        JsonNode value(int depth) {
            return switch (random.nextInt(depth == 0 ? 2 : 4)) {
                case 0 -> text();
                case 1 -> {
                    Expression expression = expression(random, slots, 2);
                    parts.add(new JsonTemplate.Value(expression));
                    JsonNode json = naive.evaluate(expression).json();
                    yield json.isMissingNode() ? JsonNodeFactory.instance.nullNode() : json;
                }
                case 2 -> array(depth);
                default -> object(depth);
            };
        }

        private JsonNode text() {
            var text = new StringBuilder();
            raw("\"");
            for (int i = 0; i < random.nextInt(4); i++) {
                if (random.nextBoolean()) {
                    String literal = TEXTS[random.nextInt(TEXTS.length)];
                    String quoted = MAPPER.writeValueAsString(literal);
                    raw(quoted.substring(1, quoted.length() - 1));
                    text.append(literal);
                } else {
                    Expression expression = expression(random, slots, 2);
                    parts.add(new JsonTemplate.InString(expression));
                    text.append(naive.evaluate(expression).text());
                }
            }
            raw("\"");
            return JsonNodeFactory.instance.stringNode(text.toString());
        }

        private JsonNode array(int depth) {
            ArrayNode array = MAPPER.createArrayNode();
            raw("[");
            for (int i = 0; i < random.nextInt(4); i++) {
                raw(array.isEmpty() ? "" : ",");
                array.add(value(depth - 1));
            }
            raw("]");
            return array;
        }

        private JsonNode object(int depth) {
            ObjectNode object = MAPPER.createObjectNode();
            raw("{");
            for (int i = 0; i < random.nextInt(4); i++) {
                raw((object.isEmpty() ? "" : ",") + "\"m" + i + "\":");
                object.set("m" + i, value(depth - 1));
            }
            raw("}");
            return object;
        }

        private void raw(String text) {
            parts.add(new JsonTemplate.Raw(text));
        }
    }
}
