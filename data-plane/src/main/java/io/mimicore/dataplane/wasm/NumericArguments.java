package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.value.Value;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.NumericType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes values fit numeric parameters, exactly or not at all.
final class NumericArguments {
    /// A JSON number (RFC 8259 §6), with a plus sign allowed.
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,6})?");

    /// Longer texts are no number that anyone means.
    private static final int NUMBER_CHARS_MAX = 400;

    /// Digits before the point that no integer type reaches.
    private static final int WHOLE_DIGITS_MAX = 20;

    private static final int SHOWN_CHARS_MAX = 100;
    private static final BigInteger UINT64_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private NumericArguments() {}

    /// The bits of `value` as a WASM value of `type`.
    ///
    /// @param position from 1, for the message
    /// @throws CallFailedException if it does not fit; kind ARGUMENT
    static long bits(Value value, NumericType type, int position) throws CallFailedException {
        Value plain = PlainValue.of(value);
        if (type == NumericType.BOOL) {
            return boolBits(plain, position);
        }
        if (type.isFloat()) {
            return floatBits(plain, type, position);
        }
        return wholeBits(plain, type, position);
    }

    private static long boolBits(Value value, int position) throws CallFailedException {
        if (value instanceof Value.Bool(boolean bool)) {
            return bool ? 1 : 0;
        }
        if (value instanceof Value.Text(String text)) {
            if (text.equals("true")) {
                return 1;
            }
            if (text.equals("false")) {
                return 0;
            }
        }
        throw misfit(value, NumericType.BOOL, position);
    }

    private static long floatBits(Value value, NumericType type, int position)
            throws CallFailedException {
        double number;
        if (value instanceof Value.Fraction(double fraction)) {
            number = fraction;
        } else if (value instanceof Value.Whole(long bits, boolean unsigned)) {
            number = unsigned && bits < 0 ? unsigned(bits).doubleValue() : bits;
        } else {
            BigDecimal decimal = decimal(value);
            if (decimal == null) {
                throw misfit(value, type, position);
            }
            number = decimal.doubleValue();
        }
        if (type == NumericType.FLOAT64) {
            if (Double.isInfinite(number)) {
                throw misfit(value, type, position);
            }
            return Double.doubleToRawLongBits(number);
        }
        float single = (float) number;
        if (Float.isInfinite(single)) {
            throw misfit(value, type, position);
        }
        return Float.floatToRawIntBits(single);
    }

    private static long wholeBits(Value value, NumericType type, int position)
            throws CallFailedException {
        if (value instanceof Value.Whole(long bits, boolean unsigned)) {
            boolean isNegative = bits < 0 && !unsigned;
            boolean isHuge = bits < 0 && unsigned;
            if (isHuge ? isUnsignedWide(type) : fits(bits, isNegative, type)) {
                return bits;
            }
            throw misfit(value, type, position);
        }
        BigInteger whole = whole(value);
        if (whole == null) {
            throw misfit(value, type, position);
        }
        boolean fits =
                isUnsignedWide(type)
                        ? whole.signum() >= 0 && whole.compareTo(UINT64_MAX) <= 0
                        : whole.bitLength() < Long.SIZE
                                && fits(whole.longValue(), whole.signum() < 0, type);
        if (!fits) {
            throw misfit(value, type, position);
        }
        return whole.longValue();
    }

    private static boolean isUnsignedWide(NumericType type) {
        return type == NumericType.UINT64 || type == NumericType.UINT;
    }

    private static boolean fits(long number, boolean isNegative, NumericType type) {
        return switch (type) {
            case INT64, INT -> true;
            case UINT64, UINT -> !isNegative;
            case INT8 -> number == (byte) number;
            case INT16 -> number == (short) number;
            case INT32 -> number == (int) number;
            case UINT8 -> number >= 0 && number <= 0xFF;
            case UINT16 -> number >= 0 && number <= 0xFFFF;
            case UINT32 -> number >= 0 && number <= 0xFFFF_FFFFL;
            case BOOL, FLOAT32, FLOAT64 -> false;
        };
    }

    /// The integer that a value is, or null.
    private static @Nullable BigInteger whole(Value value) {
        BigDecimal decimal =
                value instanceof Value.Fraction(double fraction)
                        ? new BigDecimal(fraction)
                        : decimal(value);
        if (decimal == null) {
            return null;
        }
        // Before the conversion, which would write out every zero of 1e100000.
        if (decimal.signum() != 0 && decimal.precision() - decimal.scale() > WHOLE_DIGITS_MAX) {
            return UINT64_MAX.shiftLeft(1);
        }
        BigDecimal shortest = decimal.stripTrailingZeros();
        return shortest.scale() > 0 ? null : shortest.toBigIntegerExact();
    }

    private static @Nullable BigDecimal decimal(Value value) {
        if (!(value instanceof Value.Text(String text))
                || text.length() > NUMBER_CHARS_MAX
                || !NUMBER.matcher(text).matches()) {
            return null;
        }
        return new BigDecimal(text);
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private static CallFailedException misfit(Value value, NumericType type, int position) {
        String text = new String(ValuePrinter.json(value), UTF_8);
        String shown =
                text.length() > SHOWN_CHARS_MAX ? text.substring(0, SHOWN_CHARS_MAX) + "…" : text;
        return new CallFailedException(
                CodeFailure.Kind.ARGUMENT,
                "argument " + position + ": " + shown + " (expected: " + expectation(type) + ")");
    }

    /// The type and its range.
    static String expectation(NumericType type) {
        return type.goName()
                + ", "
                + switch (type) {
                    case BOOL -> "true or false";
                    case INT8 -> Byte.MIN_VALUE + ".." + Byte.MAX_VALUE;
                    case INT16 -> Short.MIN_VALUE + ".." + Short.MAX_VALUE;
                    case INT32 -> Integer.MIN_VALUE + ".." + Integer.MAX_VALUE;
                    case INT64, INT -> Long.MIN_VALUE + ".." + Long.MAX_VALUE;
                    case UINT8 -> "0..255";
                    case UINT16 -> "0..65535";
                    case UINT32 -> "0..4294967295";
                    case UINT64, UINT -> "0.." + UINT64_MAX;
                    case FLOAT32 -> -Float.MAX_VALUE + ".." + Float.MAX_VALUE;
                    case FLOAT64 -> -Double.MAX_VALUE + ".." + Double.MAX_VALUE;
                };
    }
}
