package io.mimicore.ir.codec;

import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonValue;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// The JSON values inside an IR, as text and back, under the same limits in both directions.
final class JsonCodec {
    /// Deepest nesting of arrays and objects: what a config file may have.
    private static final int DEPTH_MAX = 100;

    /// Longest number, in characters: reading digits costs time quadratic in their count.
    private static final int NUMBER_CHARS_MAX = 1_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(NUMBER_CHARS_MAX)
                                    .maxNameLength(IrCodec.BYTES_MAX)
                                    .maxStringLength(IrCodec.BYTES_MAX)
                                    .build())
                    // Names of an untrusted text would pile up in a shared table.
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .build();

    private JsonCodec() {}

    /// The canonical text of `value`, one that [#read] takes.
    ///
    /// @throws IllegalArgumentException if it passes a limit
    static String print(JsonValue value) {
        requireReadable(value, 0);
        return JsonPrinter.print(value);
    }

    /// The value of a JSON text.
    ///
    /// @throws MalformedIrException if it is none, or passes a limit
    static JsonValue read(String json) throws MalformedIrException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            JsonValue value = value(parser, parser.nextToken());
            if (parser.nextToken() != null) {
                throw new MalformedIrException("json: text after the value (expected: one value)");
            }
            return value;
        } catch (JacksonException e) {
            throw new MalformedIrException("", "json: " + e.getOriginalMessage(), e);
        }
    }

    private static JsonValue value(JsonParser parser, JsonToken token) throws MalformedIrException {
        return switch (token) {
            case VALUE_NULL -> new JsonValue.JsonNull();
            case VALUE_TRUE -> new JsonValue.JsonBool(true);
            case VALUE_FALSE -> new JsonValue.JsonBool(false);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    new JsonValue.JsonNumber(parser.getString());
            case VALUE_STRING -> new JsonValue.JsonText(parser.getString());
            case START_ARRAY -> array(parser);
            case START_OBJECT -> object(parser);
            case null -> throw new MalformedIrException("json: empty (expected: a value)");
            case END_ARRAY, END_OBJECT, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    throw new MalformedIrException("json: " + token + " (expected: a value)");
        };
    }

    private static JsonValue array(JsonParser parser) throws MalformedIrException {
        List<JsonValue> elements = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_ARRAY) {
            elements.add(value(parser, token));
            token = parser.nextToken();
        }
        return new JsonValue.JsonArray(elements);
    }

    private static JsonValue object(JsonParser parser) throws MalformedIrException {
        List<JsonValue.Member> members = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.getString();
            members.add(new JsonValue.Member(name, value(parser, parser.nextToken())));
        }
        return new JsonValue.JsonObject(members);
    }

    private static void requireReadable(JsonValue value, int depth) {
        switch (value) {
            case JsonValue.JsonNull _, JsonValue.JsonBool _, JsonValue.JsonText _ -> {}
            case JsonValue.JsonNumber number ->
                    requireAtMost(
                            "characters of a number", number.text().length(), NUMBER_CHARS_MAX);
            case JsonValue.JsonArray array -> {
                requireAtMost("nesting", depth + 1, DEPTH_MAX);
                for (JsonValue element : array.elements()) {
                    requireReadable(element, depth + 1);
                }
            }
            case JsonValue.JsonObject object -> {
                requireAtMost("nesting", depth + 1, DEPTH_MAX);
                for (JsonValue.Member member : object.members()) {
                    requireReadable(member.value(), depth + 1);
                }
            }
        }
    }

    private static void requireAtMost(String name, int value, int max) {
        if (value > max) {
            throw new IllegalArgumentException(
                    "json: " + name + ": " + value + " (expected: <= " + max + ")");
        }
    }
}
