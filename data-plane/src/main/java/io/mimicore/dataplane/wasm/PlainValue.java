package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Values without the form they came in.
final class PlainValue {
    private PlainValue() {}

    /// A scalar that came as JSON, or as bytes, as what it is; every other value as it is.
    static Value of(Value value) {
        return switch (value) {
            case Value.Tree(JsonNode node) -> Json.value(node);
            case Value.Encoded(byte[] json) -> {
                Value decoded = decode(json);
                yield decoded == null ? value : decoded;
            }
            case Value.Raw(byte[] bytes) -> new Value.Text(new String(bytes, UTF_8));
            case Value.Missing _,
                    Value.Null _,
                    Value.Bool _,
                    Value.Whole _,
                    Value.Fraction _,
                    Value.Text _ ->
                    value;
        };
    }

    /// Whether there is nothing, or JSON's `null`.
    static boolean isAbsent(Value value) {
        Value plain = of(value);
        return plain instanceof Value.Missing || plain instanceof Value.Null;
    }

    /// The value that a JSON text spells, or null when it spells none. Arrays and objects stay
    /// encoded and are not checked: whoever needs a part of them parses them.
    static @Nullable Value decode(byte[] json) {
        if (json.length > 0 && (json[0] == '{' || json[0] == '[')) {
            return new Value.Encoded(json);
        }
        JsonNode node = Json.parseOrNull(json);
        return node == null ? null : Json.value(node);
    }
}
