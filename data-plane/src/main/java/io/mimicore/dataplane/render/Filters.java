package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.routing.PercentEncoding;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.Filter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What each filter makes of a value.
///
/// Filters of texts take any value by what it prints as, and leave missing and `null` as they are,
/// so that a `default` may come later in the chain. No filter fails.
///
/// | filter | result |
/// | --- | --- |
/// | `json` | the value as JSON text |
/// | `default(x)` | `x` for missing, `null` and an empty text, else the value |
/// | `upper`, `lower` | the text in upper or lower case, by no particular language's rules |
/// | `trim` | the text without white space at both ends |
/// | `length` | an array's elements, an object's members, else the text's characters (code points) |
/// | `first`, `last` | an array's element or a text's character; missing when there is none |
/// | `join(s)` | the texts of an array's elements with `s` between them, `,` without an argument; another value's text |
/// | `replace(a, b)` | the text with every `a` replaced by `b`; an empty `a` replaces nothing |
/// | `url_encode` | the text with all but unreserved characters percent-encoded |
/// | `base64` | the bytes of a function or a body as they are, else the text's UTF-8 |
/// | `round(n)` | the number rounded half away from zero to `n` decimal digits, -20..20; another value as it is |
final class Filters {
    private static final int TEXT_CHARS_MAX = Answer.BODY_BYTES_MAX;

    private Filters() {}

    static Value apply(Filter filter, Value in) {
        return switch (filter) {
            case JSON -> new Value.Text(new String(ValuePrinter.json(in), UTF_8));
            case UPPER -> mapText(in, text -> text.toUpperCase(Locale.ROOT));
            case LOWER -> mapText(in, text -> text.toLowerCase(Locale.ROOT));
            case TRIM -> mapText(in, String::strip);
            case LENGTH -> Value.Whole.of(length(in));
            case FIRST -> element(in, /* last= */ false);
            case LAST -> element(in, /* last= */ true);
            case JOIN -> join(in, ",");
            case URL_ENCODE -> mapText(in, PercentEncoding::encode);
            case BASE64 -> base64(in);
            case ROUND -> round(in, 0);
            case DEFAULT, REPLACE -> throw new IllegalArgumentException("arguments: 0");
        };
    }

    static Value apply(Filter filter, Value in, Value argument) {
        return switch (filter) {
            case DEFAULT -> isEmpty(in) ? argument : in;
            case JOIN -> join(in, ValuePrinter.text(argument));
            case ROUND -> round(in, digits(argument));
            case JSON, UPPER, LOWER, TRIM, LENGTH, FIRST, LAST, REPLACE, URL_ENCODE, BASE64 ->
                    throw new IllegalArgumentException("arguments: 1");
        };
    }

    static Value apply(Filter filter, Value in, Value first, Value second) {
        if (filter != Filter.REPLACE) {
            throw new IllegalArgumentException("arguments: 2");
        }
        String target = ValuePrinter.text(first);
        String replacement = ValuePrinter.text(second);
        return mapText(in, text -> replace(text, target, replacement));
    }

    private static Value mapText(Value in, TextMapping mapping) {
        return switch (in) {
            case Value.Missing _, Value.Null _ -> in;
            case Value.Bool _,
                    Value.Whole _,
                    Value.Fraction _,
                    Value.Text _,
                    Value.Tree _,
                    Value.Encoded _,
                    Value.Raw _ ->
                    new Value.Text(mapping.apply(ValuePrinter.text(in)));
        };
    }

    private static boolean isEmpty(Value value) {
        return switch (value) {
            case Value.Missing _, Value.Null _ -> true;
            case Value.Text text -> text.value().isEmpty();
            case Value.Raw raw -> raw.bytes().length == 0;
            case Value.Encoded encoded -> {
                JsonNode node = Json.parseOrNull(encoded.json());
                yield node != null
                        && (node.isNull() || (node.isString() && node.stringValue().isEmpty()));
            }
            case Value.Bool _, Value.Whole _, Value.Fraction _, Value.Tree _ -> false;
        };
    }

    private static long length(Value in) {
        JsonNode tree = Json.tree(in);
        if (tree != null && tree.isContainer()) {
            return tree.size();
        }
        String text = ValuePrinter.text(in);
        return text.codePointCount(0, text.length());
    }

    private static Value element(Value in, boolean last) {
        JsonNode tree = Json.tree(in);
        if (tree != null && tree.isContainer()) {
            JsonNode element = tree.isArray() ? tree.get(last ? tree.size() - 1 : 0) : null;
            return element == null ? Value.MISSING : Json.value(element);
        }
        String text = ValuePrinter.text(in);
        if (text.isEmpty()) {
            return Value.MISSING;
        }
        return new Value.Text(
                last
                        ? text.substring(text.offsetByCodePoints(text.length(), -1))
                        : text.substring(0, text.offsetByCodePoints(0, 1)));
    }

    private static Value join(Value in, String separator) {
        JsonNode tree = Json.tree(in);
        if (tree == null || !tree.isArray()) {
            return mapText(in, text -> text);
        }
        var joined = new StringBuilder();
        for (int i = 0; i < tree.size(); i++) {
            if (i > 0) {
                joined.append(separator);
            }
            joined.append(ValuePrinter.text(Json.value(tree.get(i))));
            requireFits(joined.length());
        }
        return new Value.Text(joined.toString());
    }

    private static String replace(String text, String target, String replacement) {
        if (target.isEmpty()) {
            return text;
        }
        long growth = (long) replacement.length() - target.length();
        if (growth > 0) {
            long matches = 0;
            for (int at = text.indexOf(target);
                    at >= 0;
                    at = text.indexOf(target, at + target.length())) {
                matches++;
            }
            requireFits(text.length() + matches * growth);
        }
        return text.replace(target, replacement);
    }

    private static Value base64(Value in) {
        return switch (in) {
            case Value.Missing _, Value.Null _ -> in;
            case Value.Raw raw -> new Value.Text(Base64.getEncoder().encodeToString(raw.bytes()));
            case Value.Bool _,
                    Value.Whole _,
                    Value.Fraction _,
                    Value.Text _,
                    Value.Tree _,
                    Value.Encoded _ ->
                    new Value.Text(
                            Base64.getEncoder()
                                    .encodeToString(ValuePrinter.text(in).getBytes(UTF_8)));
        };
    }

    private static Value round(Value in, int digits) {
        BigDecimal number = number(in);
        if (number == null) {
            return in;
        }
        BigDecimal rounded = number.setScale(digits, RoundingMode.HALF_UP);
        if (digits <= 0) {
            BigInteger whole = rounded.toBigIntegerExact();
            return whole.bitLength() < Long.SIZE
                    ? Value.Whole.of(whole.longValue())
                    : new Value.Fraction(whole.doubleValue());
        }
        return new Value.Fraction(rounded.doubleValue());
    }

    /// The number that a value is or spells, within the range of a double.
    private static @Nullable BigDecimal number(Value in) {
        return switch (in) {
            case Value.Whole _ -> new BigDecimal(ValuePrinter.text(in));
            case Value.Fraction fraction -> BigDecimal.valueOf(fraction.value());
            case Value.Text text -> numberText(text.value());
            case Value.Encoded _, Value.Raw _ -> numberText(ValuePrinter.text(in));
            case Value.Missing _, Value.Null _, Value.Bool _, Value.Tree _ -> null;
        };
    }

    private static @Nullable BigDecimal numberText(String text) {
        JsonNode node = Json.parseOrNull(text.getBytes(UTF_8));
        if (node == null || !node.isNumber() || !Double.isFinite(node.doubleValue())) {
            return null;
        }
        return node.isIntegralNumber()
                ? new BigDecimal(node.bigIntegerValue())
                : BigDecimal.valueOf(node.doubleValue());
    }

    private static int digits(Value argument) {
        BigDecimal digits = number(argument);
        return digits == null
                ? 0
                : Math.clamp(digits.longValue(), -Filter.ROUND_DIGITS_MAX, Filter.ROUND_DIGITS_MAX);
    }

    private static void requireFits(long chars) {
        if (chars > TEXT_CHARS_MAX) {
            throw new ByteSink.Overflow(TEXT_CHARS_MAX);
        }
    }

    private interface TextMapping {
        String apply(String text);
    }
}
