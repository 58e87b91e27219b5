package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Suggestions;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads the fields of one object of the format; reports what is unknown, missing, of another type
/// or out of its range, and goes on with a harmless value.
final class FieldReader {
    private final LocatedJson.Fields object;
    private final FormatObject format;
    private final Problems problems;

    /// A reader of `object`, whose unknown fields are reported at once.
    FieldReader(LocatedJson.Fields object, FormatObject format, Problems problems) {
        this.object = object;
        this.format = format;
        this.problems = problems;
        for (LocatedJson.Member member : object.members()) {
            String name = member.name();
            if (!format.fields().contains(name) && !FormatObject.isIgnored(name)) {
                problems.error(
                        member.nameOffset(),
                        member.value().pointer(),
                        DiagnosticCode.FIELD_UNKNOWN,
                        name + ": no field of " + format.title(),
                        format.hintFor(name));
            }
        }
    }

    /// The object itself.
    LocatedJson.Fields object() {
        return object;
    }

    /// Any value.
    @Nullable LocatedJson find(String name) {
        assert format.fields().contains(name) : name;
        return object.find(name);
    }

    /// Any value; its absence is reported.
    @Nullable LocatedJson require(String name, String expected) {
        LocatedJson value = find(name);
        if (value == null) {
            problems.error(
                    object,
                    DiagnosticCode.FIELD_MISSING,
                    name + ": missing (expected: " + expected + ")",
                    "");
        }
        return value;
    }

    LocatedJson.@Nullable Text text(String name, String expected) {
        return asText(find(name), name, expected);
    }

    LocatedJson.@Nullable Text requireText(String name, String expected) {
        LocatedJson value = require(name, expected);
        if (value instanceof LocatedJson.Null) {
            // It cannot be left out.
            wrongType(value, name, expected, "");
            return null;
        }
        return asText(value, name, expected);
    }

    LocatedJson.@Nullable Fields fields(String name) {
        return asFields(find(name), name);
    }

    LocatedJson.@Nullable Array array(String name) {
        return switch (find(name)) {
            case null -> null;
            case LocatedJson.Array array -> array;
            case LocatedJson other -> {
                boolean isScalar =
                        other instanceof LocatedJson.Text || other instanceof LocatedJson.Number;
                String hint = isScalar ? "write [" + other.shown() + "]" : hintFor(other, name);
                wrongType(other, name, "a list", hint);
                yield null;
            }
        };
    }

    /// The reader of an object that stands in this one.
    @Nullable FieldReader open(String name, FormatObject inner) {
        LocatedJson.Fields fields = fields(name);
        return fields == null ? null : new FieldReader(fields, inner, problems);
    }

    boolean bool(String name) {
        return switch (find(name)) {
            case null -> false;
            case LocatedJson.Bool bool -> bool.isTrue();
            case LocatedJson other -> {
                wrongType(other, name, "true or false", hintForScalar(other, name));
                yield false;
            }
        };
    }

    /// An integer of a range; `fallback` where it is absent or wrong.
    int integer(String name, Range range, int fallback) {
        LocatedJson found = find(name);
        if (found == null) {
            return fallback;
        }
        String expected = range.min + ".." + range.max;
        if (!(found instanceof LocatedJson.Number number)) {
            wrongType(found, name, expected, hintForScalar(found, name));
            return fallback;
        }
        BigDecimal value = new BigDecimal(number.digits());
        if (value.compareTo(BigDecimal.valueOf(range.min)) < 0
                || value.compareTo(BigDecimal.valueOf(range.max)) > 0) {
            wrongValue(found, name, expected);
            return fallback;
        }
        if (value.stripTrailingZeros().scale() > 0) {
            wrongValue(found, name, "a whole number in " + expected);
            return fallback;
        }
        return value.intValueExact();
    }

    /// A finite number.
    @Nullable Double number(String name, String expected) {
        return switch (find(name)) {
            case null -> null;
            case LocatedJson.Number number -> {
                double value = Double.parseDouble(number.digits());
                if (Double.isInfinite(value)) {
                    wrongValue(number, name, expected);
                    yield null;
                }
                yield value;
            }
            case LocatedJson other -> {
                wrongType(other, name, expected, hintForScalar(other, name));
                yield null;
            }
        };
    }

    /// A list of strings; empty where it is absent. Elements of other types are reported and left
    /// out.
    List<LocatedJson.Text> texts(String name, String expected) {
        LocatedJson.Array array = array(name);
        List<LocatedJson.Text> texts = new ArrayList<>();
        if (array != null) {
            for (LocatedJson element : array.elements()) {
                String label = name + "[" + element.pointer().token() + "]";
                LocatedJson.Text text = asText(element, label, expected);
                if (text != null) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    /// One of a few words; absent also when it is another, which is reported.
    LocatedJson.@Nullable Text word(String name, List<String> words) {
        String last = CanonicalJson.quote(words.getLast());
        String expected =
                words.subList(0, words.size() - 1).stream()
                        .map(CanonicalJson::quote)
                        .collect(Collectors.joining(", ", "", " or " + last));
        LocatedJson.Text text = text(name, expected);
        if (text == null || words.contains(text.text())) {
            return text;
        }
        problems.error(
                text,
                DiagnosticCode.FIELD_VALUE,
                name + ": " + text.shown() + " (expected: " + expected + ")",
                Suggestions.closest(text.text(), words)
                        .map(word -> "did you mean " + word + "?")
                        .orElse(""));
        return null;
    }

    /// Reports two fields that cannot stand together, at the second.
    void conflict(String name, String reason, String hint) {
        LocatedJson value = find(name);
        if (value != null) {
            problems.error(
                    value,
                    DiagnosticCode.FIELD_CONFLICT,
                    name + ": " + value.shown() + " (expected: none " + reason + ")",
                    hint);
        }
    }

    LocatedJson.@Nullable Text asText(@Nullable LocatedJson value, String name, String expected) {
        return switch (value) {
            case null -> null;
            case LocatedJson.Text text -> text;
            case LocatedJson other -> {
                wrongType(other, name, expected);
                yield null;
            }
        };
    }

    LocatedJson.@Nullable Fields asFields(@Nullable LocatedJson value, String name) {
        return switch (value) {
            case null -> null;
            case LocatedJson.Fields fields -> fields;
            case LocatedJson other -> {
                wrongType(other, name, "an object");
                yield null;
            }
        };
    }

    void wrongValue(LocatedJson value, String name, String expected) {
        problems.error(
                value,
                DiagnosticCode.FIELD_VALUE,
                name + ": " + value.shown() + " (expected: " + expected + ")",
                "");
    }

    private void wrongType(LocatedJson value, String name, String expected) {
        wrongType(value, name, expected, hintFor(value, name));
    }

    private void wrongType(LocatedJson value, String name, String expected, String hint) {
        problems.error(
                value,
                DiagnosticCode.FIELD_TYPE,
                name + ": " + value.shown() + " (expected: " + expected + ")",
                hint);
    }

    private static String hintFor(LocatedJson value, String name) {
        return value instanceof LocatedJson.Null ? "leave " + name + " out" : "";
    }

    /// Where a number or `true` is expected.
    private static String hintForScalar(LocatedJson value, String name) {
        if (!(value instanceof LocatedJson.Text text)) {
            return hintFor(value, name);
        }
        if (isUnquoted(text.text())) {
            return "write it without quotes";
        }
        boolean isTime = name.equals("timeout") || name.endsWith("_ms");
        return isTime ? "write a number of milliseconds" : "";
    }

    private static boolean isUnquoted(String text) {
        return text.matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?|true|false");
    }

    /// Both ends inclusive.
    record Range(int min, int max) {}
}
