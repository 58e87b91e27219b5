package io.mimicore.template;

import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.NumericType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells which literals can never be an argument of a numeric parameter.
///
/// A node converts values the same way when a request comes: texts may spell a number, integers
/// must be whole and in range, `bool` takes `true` and `false` only.
public final class NumericLiterals {
    /// What a text may be to count as a number: JSON's form, with a plus sign and leading zeros
    /// allowed.
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,6})?");

    private static final int NUMBER_CHARS_MAX = 400;

    /// More digits before the point than any integer type has.
    private static final int WHOLE_DIGITS_MAX = 20;

    private NumericLiterals() {}

    /// Whether `literal` can be an argument of a parameter of `type`.
    public static boolean fits(JsonValue literal, NumericType type) {
        if (type == NumericType.BOOL) {
            return literal instanceof JsonValue.JsonBool
                    || (literal instanceof JsonValue.JsonText(String text)
                            && (text.equals("true") || text.equals("false")));
        }
        BigDecimal number = number(literal);
        if (number == null) {
            return false;
        }
        return switch (type) {
            case FLOAT32 -> Float.isFinite(number.floatValue());
            case FLOAT64 -> Double.isFinite(number.doubleValue());
            case BOOL, INT8, INT16, INT32, INT64, INT, UINT8, UINT16, UINT32, UINT64, UINT ->
                    isWhole(number, type);
        };
    }

    /// The message about an argument that does not fit.
    ///
    /// @param position of the argument, from 0
    public static String misfit(
            String function, int position, JsonValue literal, NumericType type) {
        return function
                + "(): argument "
                + (position + 1)
                + ": "
                + Wording.shown(JsonPrinter.print(literal))
                + " (expected: "
                + type.goName()
                + ", "
                + range(type)
                + ")";
    }

    private static @Nullable BigDecimal number(JsonValue literal) {
        return switch (literal) {
            case JsonValue.JsonNumber number -> number.decimal();
            case JsonValue.JsonText(String text) ->
                    text.length() <= NUMBER_CHARS_MAX && NUMBER.matcher(text).matches()
                            ? new BigDecimal(text)
                            : null;
            case JsonValue.JsonNull _,
                    JsonValue.JsonBool _,
                    JsonValue.JsonArray _,
                    JsonValue.JsonObject _ ->
                    null;
        };
    }

    private static boolean isWhole(BigDecimal number, NumericType type) {
        // Before any conversion, which would write out every zero of 1e100000.
        if (number.signum() != 0 && (long) number.precision() - number.scale() > WHOLE_DIGITS_MAX) {
            return false;
        }
        BigDecimal shortest = number.stripTrailingZeros();
        if (shortest.scale() > 0) {
            return false;
        }
        BigInteger whole = shortest.toBigIntegerExact();
        return whole.compareTo(min(type)) >= 0 && whole.compareTo(max(type)) <= 0;
    }

    /// The values of a type, in words: `a whole number in 0..255`.
    public static String range(NumericType type) {
        return switch (type) {
            case BOOL -> "true or false";
            case FLOAT32, FLOAT64 -> "a number in its range";
            case INT8, INT16, INT32, INT64, INT, UINT8, UINT16, UINT32, UINT64, UINT ->
                    "a whole number in " + min(type) + ".." + max(type);
        };
    }

    private static BigInteger min(NumericType type) {
        return isSigned(type) ? BigInteger.ONE.shiftLeft(bits(type) - 1).negate() : BigInteger.ZERO;
    }

    private static BigInteger max(NumericType type) {
        return BigInteger.ONE
                .shiftLeft(isSigned(type) ? bits(type) - 1 : bits(type))
                .subtract(BigInteger.ONE);
    }

    private static boolean isSigned(NumericType type) {
        return switch (type) {
            case INT8, INT16, INT32, INT64, INT, FLOAT32, FLOAT64 -> true;
            case BOOL, UINT8, UINT16, UINT32, UINT64, UINT -> false;
        };
    }

    private static int bits(NumericType type) {
        return switch (type) {
            case BOOL -> 1;
            case INT8, UINT8 -> 8;
            case INT16, UINT16 -> 16;
            case INT32, UINT32, FLOAT32 -> 32;
            case INT64, INT, UINT64, UINT, FLOAT64 -> 64;
        };
    }
}
