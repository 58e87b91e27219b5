package io.mimicore.dataplane.extract;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.Extraction.ValueType;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Converts what a request holds to the type that a variable has.
final class Conversion {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,20}");
    private static final Pattern DECIMAL =
            Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final double EXACT_WHOLE_MAX = 1L << 53;
    private static final BigInteger SIGNED_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger SIGNED_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger UNSIGNED_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private Conversion() {}

    /// What a value of the type looks like, for messages.
    static String expectation(ValueType type) {
        return switch (type) {
            case STRING -> "a text";
            case INTEGER -> "an integer from -2^63 to 2^64-1";
            case FLOAT -> "a decimal number";
            case BOOLEAN -> "true or false";
            case JSON -> "JSON";
        };
    }

    /// The text converted, or `null` when it does not.
    static @Nullable Value fromText(String text, ValueType type) {
        return switch (type) {
            case STRING -> new Value.Text(text);
            case INTEGER -> integer(text);
            case FLOAT -> decimal(text);
            case BOOLEAN ->
                    switch (text) {
                        case "true" -> Value.TRUE;
                        case "false" -> Value.FALSE;
                        default -> null;
                    };
            case JSON -> {
                JsonNode node = Json.parseOrNull(text.getBytes(UTF_8));
                yield node == null ? null : Json.value(node);
            }
        };
    }

    /// A part of a JSON body converted, or `null` when it does not. A JSON string converts as its
    /// text.
    static @Nullable Value fromJson(JsonNode node, ValueType type) {
        return switch (type) {
            case STRING -> new Value.Text(ValuePrinter.text(Json.value(node)));
            case INTEGER -> node.isString() ? integer(node.stringValue()) : wholeNumber(node);
            case FLOAT -> node.isString() ? decimal(node.stringValue()) : decimalNumber(node);
            case BOOLEAN ->
                    node.isBoolean() || node.isString()
                            ? fromText(ValuePrinter.text(Json.value(node)), type)
                            : null;
            case JSON -> Json.value(node);
        };
    }

    private static @Nullable Value integer(String text) {
        if (!INTEGER.matches(text)) {
            return null;
        }
        return whole(new BigInteger(text));
    }

    private static @Nullable Value whole(BigInteger value) {
        if (value.compareTo(SIGNED_MIN) < 0 || value.compareTo(UNSIGNED_MAX) > 0) {
            return null;
        }
        return new Value.Whole(value.longValue(), value.compareTo(SIGNED_MAX) > 0);
    }

    private static @Nullable Value wholeNumber(JsonNode node) {
        if (node.isIntegralNumber()) {
            return whole(node.bigIntegerValue());
        }
        if (!node.isNumber()) {
            return null;
        }
        double value = node.doubleValue();
        // JSON does not tell 5.0 from 5; beyond 2^53 a double no longer says which integer is
        // meant.
        return value == Math.rint(value) && Math.abs(value) <= EXACT_WHOLE_MAX
                ? Value.Whole.of((long) value)
                : null;
    }

    private static @Nullable Value decimal(String text) {
        return DECIMAL.matches(text) ? fraction(Double.parseDouble(text)) : null;
    }

    private static @Nullable Value decimalNumber(JsonNode node) {
        return node.isNumber() ? fraction(node.doubleValue()) : null;
    }

    private static @Nullable Value fraction(double value) {
        return Double.isFinite(value) ? new Value.Fraction(value) : null;
    }
}
