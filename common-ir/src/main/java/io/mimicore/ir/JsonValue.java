package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;

/// A JSON value (RFC 8259). Objects keep the order of their members.
public sealed interface JsonValue {
    /// `null`.
    record JsonNull() implements JsonValue {}

    /// `true` or `false`.
    record JsonBool(boolean value) implements JsonValue {}

    /// A number, by its text, so that no digit is lost.
    ///
    /// Refuses with [IllegalArgumentException] what is no JSON number (RFC 8259 §6), and exponents
    /// that [BigDecimal] cannot hold.
    record JsonNumber(String text) implements JsonValue {
        private static final Pattern GRAMMAR =
                Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

        public JsonNumber {
            if (!GRAMMAR.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        "number: " + text + " (expected: a JSON number)");
            }
            new BigDecimal(text);
        }

        /// The exact value.
        public BigDecimal decimal() {
            return new BigDecimal(text);
        }
    }

    /// A text.
    record JsonText(String value) implements JsonValue {
        public JsonText {
            requireNonNull(value, "value");
        }
    }

    /// An array.
    record JsonArray(List<JsonValue> elements) implements JsonValue {
        public JsonArray {
            elements = List.copyOf(elements);
        }
    }

    /// An object; no name comes twice.
    record JsonObject(List<Member> members) implements JsonValue {
        public JsonObject {
            members = List.copyOf(members);
            if (members.stream().map(Member::name).distinct().count() != members.size()) {
                throw new IllegalArgumentException("members: (expected: every name once)");
            }
        }
    }

    /// A name and its value.
    record Member(String name, JsonValue value) {
        public Member {
            requireNonNull(name, "name");
            requireNonNull(value, "value");
        }
    }
}
