package io.mimicore.config;

import io.mimicore.ir.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON value that knows where it stands in its file. Immutable.
///
/// Offsets are UTF-16 code units from the start of the file's text, at the value's first character.
sealed interface LocatedJson {
    int offset();

    Pointer pointer();

    /// The value without its place.
    JsonValue value();

    /// How messages show it: a scalar as written, otherwise what it is.
    String shown();

    /// `null`.
    record Null(int offset, Pointer pointer) implements LocatedJson {
        @Override
        public JsonValue value() {
            return new JsonValue.JsonNull();
        }

        @Override
        public String shown() {
            return "null";
        }
    }

    /// `true` or `false`.
    record Bool(int offset, Pointer pointer, boolean isTrue) implements LocatedJson {
        @Override
        public JsonValue value() {
            return new JsonValue.JsonBool(isTrue);
        }

        @Override
        public String shown() {
            return Boolean.toString(isTrue);
        }
    }

    /// A number.
    ///
    /// @param digits the number as written
    record Number(int offset, Pointer pointer, String digits) implements LocatedJson {
        @Override
        public JsonValue value() {
            return new JsonValue.JsonNumber(digits);
        }

        @Override
        public String shown() {
            return shorten(digits);
        }
    }

    /// A string.
    ///
    /// @param text decoded
    record Text(int offset, Pointer pointer, String text) implements LocatedJson {
        @Override
        public JsonValue value() {
            return new JsonValue.JsonText(text);
        }

        @Override
        public String shown() {
            return CanonicalJson.quote(shorten(text));
        }
    }

    /// An array.
    record Array(int offset, Pointer pointer, List<LocatedJson> elements) implements LocatedJson {
        public Array {
            elements = List.copyOf(elements);
        }

        @Override
        public JsonValue value() {
            return new JsonValue.JsonArray(elements.stream().map(LocatedJson::value).toList());
        }

        @Override
        public String shown() {
            return elements.isEmpty() ? "[]" : "a list";
        }
    }

    /// An object. No name comes twice.
    record Fields(int offset, Pointer pointer, List<Member> members) implements LocatedJson {
        public Fields {
            members = List.copyOf(members);
        }

        /// The member's value, if there is one of this name.
        @Nullable LocatedJson find(String name) {
            for (Member member : members) {
                if (member.name().equals(name)) {
                    return member.value();
                }
            }
            return null;
        }

        @Override
        public JsonValue value() {
            return new JsonValue.JsonObject(
                    members.stream()
                            .map(member ->
                                    new JsonValue.Member(member.name(), member.value().value()))
                            .toList());
        }

        @Override
        public String shown() {
            return members.isEmpty() ? "{}" : "an object";
        }
    }

    /// A name and its value.
    ///
    /// @param nameOffset of the name's opening quote
    record Member(String name, int nameOffset, LocatedJson value) {}

    private static String shorten(String text) {
        int shownMax = 60;
        if (text.length() <= shownMax) {
            return text;
        }
        int cut = Character.isHighSurrogate(text.charAt(shownMax - 1)) ? shownMax - 1 : shownMax;
        return text.substring(0, cut) + "…";
    }
}
