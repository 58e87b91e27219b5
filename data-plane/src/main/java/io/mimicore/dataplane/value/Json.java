package io.mimicore.dataplane.value;

import io.mimicore.ir.JsonValue;
import io.mimicore.ir.Step;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads JSON (RFC 8259) as it comes from requests and functions.
///
/// Strict: UTF-8 only, one value and nothing after it, every name of an object once, nesting at
/// most [#NESTING_MAX]. Integers keep all their digits; numbers with a fraction or an exponent are
/// IEEE 754 doubles, and one outside their range is refused.
public final class Json {
    /// Deepest nesting of arrays and objects.
    public static final int NESTING_MAX = 100;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final BigInteger UNSIGNED_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build())
                    .build();

    private Json() {}

    /// The value that `json` spells.
    ///
    /// @throws SyntaxException when it spells none, with the place
    public static JsonNode parse(byte[] json) throws SyntaxException {
        requireUtf8(json);
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() == null) {
                throw new SyntaxException("no JSON value (expected: one)", 1, 1);
            }
            JsonNode value = read(parser);
            if (parser.nextToken() != null) {
                throw syntax("content after the JSON value", parser.currentTokenLocation());
            }
            return value;
        } catch (JacksonException e) {
            throw syntax(firstLine(e.getOriginalMessage()), e.getLocation());
        }
    }

    /// The value that `json` spells, or `null` when it spells none.
    public static @Nullable JsonNode parseOrNull(byte[] json) {
        try {
            return parse(json);
        } catch (SyntaxException e) {
            return null;
        }
    }

    /// A scalar as itself, an array or object as a [Value.Tree].
    public static Value value(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> Value.NULL;
            case MISSING -> Value.MISSING;
            case BOOLEAN -> Value.Bool.of(node.booleanValue());
            case STRING -> new Value.Text(node.stringValue());
            case NUMBER -> number(node);
            case ARRAY, OBJECT, BINARY, POJO -> new Value.Tree(node);
        };
    }

    /// The part of a value that the steps lead to, or `null` where a step leads nowhere.
    public static @Nullable JsonNode part(JsonNode node, List<Step> steps) {
        JsonNode part = node;
        for (int i = 0; i < steps.size() && part != null; i++) {
            part =
                    switch (steps.get(i)) {
                        case Step.Field field -> part.get(field.name());
                        case Step.Index index -> part.get(index.index());
                    };
        }
        return part;
    }

    /// The value as a tree: what bytes of a function spell, and any other value that has parts;
    /// `null` for a value without parts.
    public static @Nullable JsonNode tree(Value value) {
        return switch (value) {
            case Value.Tree tree -> tree.node();
            case Value.Encoded encoded -> parseOrNull(encoded.json());
            case Value.Raw raw -> parseOrNull(raw.bytes());
            case Value.Missing _,
                    Value.Null _,
                    Value.Bool _,
                    Value.Whole _,
                    Value.Fraction _,
                    Value.Text _ ->
                    null;
        };
    }

    /// A literal of the IR.
    public static Value value(JsonValue literal) {
        return value(node(literal));
    }

    private static JsonNode node(JsonValue literal) {
        return switch (literal) {
            case JsonValue.JsonNull _ -> NODES.nullNode();
            case JsonValue.JsonBool bool -> NODES.booleanNode(bool.value());
            case JsonValue.JsonText text -> NODES.stringNode(text.value());
            case JsonValue.JsonNumber number -> numberNode(number);
            case JsonValue.JsonArray array -> {
                ArrayNode node = NODES.arrayNode(array.elements().size());
                array.elements().forEach(element -> node.add(node(element)));
                yield node;
            }
            case JsonValue.JsonObject object -> {
                ObjectNode node = NODES.objectNode();
                object.members().forEach(member -> node.set(member.name(), node(member.value())));
                yield node;
            }
        };
    }

    private static JsonNode numberNode(JsonValue.JsonNumber number) {
        String text = number.text();
        if (text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
            return integerNode(new BigInteger(text));
        }
        double value = Double.parseDouble(text);
        return Double.isFinite(value)
                ? NODES.numberNode(value)
                : NODES.numberNode(number.decimal());
    }

    private static JsonNode integerNode(BigInteger value) {
        return value.bitLength() < Long.SIZE
                ? NODES.numberNode(value.longValue())
                : NODES.numberNode(value);
    }

    private static Value number(JsonNode node) {
        return switch (node.numberType()) {
            case INT, LONG -> Value.Whole.of(node.longValue());
            case BIG_INTEGER -> {
                BigInteger value = node.bigIntegerValue();
                yield value.signum() >= 0 && value.compareTo(UNSIGNED_MAX) <= 0
                        ? new Value.Whole(value.longValue(), true)
                        : new Value.Tree(node);
            }
            case FLOAT, DOUBLE -> new Value.Fraction(node.doubleValue());
            case BIG_DECIMAL -> new Value.Tree(node);
        };
    }

    private static JsonNode read(JsonParser parser) throws SyntaxException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> readArray(parser);
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT -> readInteger(parser);
            case VALUE_NUMBER_FLOAT -> readFloat(parser);
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    throw syntax("unexpected " + token, parser.currentTokenLocation());
        };
    }

    private static JsonNode readObject(JsonParser parser) throws SyntaxException {
        ObjectNode object = NODES.objectNode();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            TokenStreamLocation place = parser.currentTokenLocation();
            parser.nextToken();
            if (object.replace(name, read(parser)) != null) {
                throw syntax("name: " + name + " (expected: only once in its object)", place);
            }
        }
        return object;
    }

    private static JsonNode readArray(JsonParser parser) throws SyntaxException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(read(parser));
        }
        return array;
    }

    private static JsonNode readInteger(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> NODES.numberNode(parser.getLongValue());
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL ->
                    NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private static JsonNode readFloat(JsonParser parser) throws SyntaxException {
        double value = parser.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw syntax(
                    "number: " + parser.getString() + " (expected: within the range of a double)",
                    parser.currentTokenLocation());
        }
        return NODES.numberNode(value);
    }

    /// Jackson would also take UTF-16 and UTF-32, and lets some malformed sequences pass.
    private static void requireUtf8(byte[] json) throws SyntaxException {
        int invalid = Utf8.firstInvalid(json);
        if (invalid < json.length || (json.length > 1 && (json[0] == 0 || json[1] == 0))) {
            throw new SyntaxException("bytes that are not UTF-8", 1, Math.max(1, invalid + 1));
        }
    }

    private static SyntaxException syntax(String message, @Nullable TokenStreamLocation place) {
        return place == null
                ? new SyntaxException(message, 1, 1)
                : new SyntaxException(message, place.getLineNr(), place.getColumnNr());
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "malformed JSON" : message.lines().findFirst().orElse("");
    }

    /// What was read is not the JSON that is accepted. Without a stack trace: it is an outcome of a
    /// request.
    public static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int line;
        private final int column;

        SyntaxException(String message, int line, int column) {
            super(message, null, false, false);
            this.line = line;
            this.column = column;
        }

        /// Line of the place, from 1.
        public int line() {
            return line;
        }

        /// Column of the place in its line, from 1.
        public int column() {
            return column;
        }
    }
}
