package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.Step;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;

/// The definition of expressions over plain trees, without any thought of speed.
///
/// Knows what the law generates: no calls, no request, and the filters of texts and lists.
final class NaiveInterpreter {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Pattern ESCAPE = Pattern.compile("\\\\u[0-9A-F]{4}");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final List<Seen> slots;

    NaiveInterpreter(List<Value> slots) {
        this.slots = slots.stream().map(NaiveInterpreter::see).toList();
    }

    Seen evaluate(Expression expression) {
        return switch (expression) {
            case Expression.Constant(JsonValue value) -> of(literal(value));
            case Expression.Variable(int slot, List<Step> steps) -> {
                if (steps.isEmpty()) {
                    yield slots.get(slot);
                }
                JsonNode node = slots.get(slot).parts();
                for (Step step : steps) {
                    node =
                            switch (step) {
                                case Step.Field field -> node.path(field.name());
                                case Step.Index index -> node.path(index.index());
                            };
                }
                yield of(node);
            }
            case Expression.Filtered(Expression input, Filter filter, List<Expression> args) ->
                    filter(filter, evaluate(input), args.stream().map(this::evaluate).toList());
            case Expression.Call _, Expression.RequestValue _ ->
                    throw new IllegalArgumentException("expression: " + expression);
        };
    }

    private static Seen filter(Filter filter, Seen in, List<Seen> arguments) {
        boolean absent = in.json().isMissingNode() || in.json().isNull();
        return switch (filter) {
            case JSON -> text(in.json().isMissingNode() ? "null" : in.jsonText());
            case DEFAULT -> absent || in.isEmptyText() ? arguments.getFirst() : in;
            case UPPER -> absent ? in : text(in.text().toUpperCase(Locale.ROOT));
            case LOWER -> absent ? in : text(in.text().toLowerCase(Locale.ROOT));
            case TRIM -> absent ? in : text(in.text().strip());
            case LENGTH ->
                    of(
                            NODES.numberNode(
                                    in.parts().isContainer()
                                            ? in.parts().size()
                                            : in.text().codePoints().count()));
            case JOIN -> {
                if (!in.parts().isArray()) {
                    yield absent ? in : text(in.text());
                }
                List<String> texts = new ArrayList<>();
                in.parts().forEach(element -> texts.add(of(element).text()));
                yield text(
                        String.join(
                                arguments.isEmpty() ? "," : arguments.getFirst().text(), texts));
            }
            case FIRST, LAST, REPLACE, URL_ENCODE, BASE64, ROUND ->
                    throw new IllegalArgumentException("filter: " + filter);
        };
    }

    private static Seen see(Value value) {
        return switch (value) {
            case Value.Missing _ -> of(MissingNode.getInstance());
            case Value.Null _ -> of(NODES.nullNode());
            case Value.Bool(boolean bool) -> of(NODES.booleanNode(bool));
            case Value.Whole(long bits, boolean unsigned) ->
                    of(
                            NODES.numberNode(
                                    new BigDecimal(
                                                    unsigned
                                                            ? Long.toUnsignedString(bits)
                                                            : Long.toString(bits))
                                            .toBigInteger()));
            case Value.Fraction(double number) -> of(NODES.numberNode(number));
            case Value.Text(String text) -> text(text);
            case Value.Tree(JsonNode node) -> of(node);
            case Value.Encoded(byte[] json) -> {
                JsonNode node = parse(json);
                if (node == null) {
                    throw new IllegalArgumentException("json: " + new String(json, UTF_8));
                }
                boolean asIs = !node.isString() && !node.isNull();
                yield asIs
                        ? new Seen(new String(json, UTF_8), node, node)
                        : of(node).withParts(node);
            }
            case Value.Raw(byte[] bytes) -> {
                JsonNode node = parse(bytes);
                String text = new String(bytes, UTF_8);
                yield new Seen(
                        text,
                        node == null ? NODES.stringNode(text) : node,
                        node == null ? MissingNode.getInstance() : node);
            }
        };
    }

    private static Seen text(String text) {
        return of(NODES.stringNode(text));
    }

    private static Seen of(JsonNode node) {
        String text =
                node.isMissingNode() || node.isNull()
                        ? ""
                        : node.isString() ? node.stringValue() : print(node);
        return new Seen(text, node, node.isContainer() ? node : MissingNode.getInstance());
    }

    private static JsonNode literal(JsonValue value) {
        return switch (value) {
            case JsonValue.JsonNull _ -> NODES.nullNode();
            case JsonValue.JsonBool(boolean bool) -> NODES.booleanNode(bool);
            case JsonValue.JsonText(String text) -> NODES.stringNode(text);
            case JsonValue.JsonNumber(String text) -> MAPPER.readTree(text);
            case JsonValue.JsonArray _, JsonValue.JsonObject _ ->
                    throw new IllegalArgumentException("literal: " + value);
        };
    }

    /// Jackson writes the digits of escapes in upper case, the node in lower case.
    private static String print(JsonNode node) {
        return ESCAPE.matcher(MAPPER.writeValueAsString(node))
                .replaceAll(escape -> "\\" + escape.group().toLowerCase(Locale.ROOT));
    }

    private static @Nullable JsonNode parse(byte[] json) {
        try {
            return MAPPER.readTree(new String(json, UTF_8));
        } catch (JacksonException e) {
            return null;
        }
    }

    /// A value from all sides.
    ///
    /// @param text as it prints
    /// @param json as it is in JSON
    /// @param parts where steps lead into
    record Seen(String text, JsonNode json, JsonNode parts) {
        Seen withParts(JsonNode newParts) {
            return new Seen(text, json, newParts);
        }

        boolean isEmptyText() {
            return text.isEmpty() && json.isString();
        }

        String jsonText() {
            return print(json);
        }
    }
}
