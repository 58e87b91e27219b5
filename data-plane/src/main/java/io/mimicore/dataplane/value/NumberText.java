package io.mimicore.dataplane.value;

import io.mimicore.dataplane.http.ByteSink;

/// Prints numbers as JavaScript and JSON do (ECMA-262 §6.1.6.1.20).
final class NumberText {
    private static final double WHOLE_MAX = 1L << 53;

    /// Below it, doubles are so far apart that one decimal digit can tell some of them.
    private static final double SPARSE_MAX = 1e-320;

    private static final String LONG_MIN = "9223372036854775808";

    private NumberText() {}

    static void write(long value, ByteSink sink) {
        if (value >= 0) {
            writeDigits(value, sink);
            return;
        }
        sink.writeByte('-');
        if (value == Long.MIN_VALUE) {
            sink.writeUtf8(LONG_MIN);
        } else {
            writeDigits(-value, sink);
        }
    }

    static void writeUnsigned(long bits, ByteSink sink) {
        if (bits >= 0) {
            writeDigits(bits, sink);
        } else {
            writeDigits(Long.divideUnsigned(bits, 10), sink);
            sink.writeByte('0' + (int) Long.remainderUnsigned(bits, 10));
        }
    }

    /// Shortest digits that read back as the same double: `1.0` prints `1`; an exponent only from
    /// 1e21 on and below 1e-6.
    static void write(double value, ByteSink sink) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE_MAX) {
            write((long) value, sink);
        } else {
            sink.writeUtf8(text(value));
        }
    }

    static String text(double value) {
        String java = Double.toString(Math.abs(value));
        int exponentAt = java.indexOf('E');
        String mantissa = exponentAt < 0 ? java : java.substring(0, exponentAt);
        int exponent = exponentAt < 0 ? 0 : Integer.parseInt(java.substring(exponentAt + 1));
        int dot = mantissa.indexOf('.');
        String digits = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
        int leading = 0;
        while (leading < digits.length() - 1 && digits.charAt(leading) == '0') {
            leading++;
        }
        int end = digits.length();
        while (end > leading + 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        // The value is 0.DIGITS times ten to the power of `point`.
        int point = dot + exponent - leading;
        String text =
                Math.abs(value) < SPARSE_MAX && end - leading == 2
                        ? sparse(digits.substring(leading, end), point)
                        : layOut(digits.substring(leading, end), point);
        return value < 0 ? "-" + text : text;
    }

    /// Java gives two digits where, among the smallest doubles, one is enough.
    private static String sparse(String digits, int point) {
        String two = layOut(digits, point);
        int units = Integer.parseInt(digits);
        int tens = Math.ceilDiv(units, 10);
        String one = tens == 10 ? layOut("1", point + 1) : layOut(Integer.toString(tens), point);
        return Double.parseDouble(one) == Double.parseDouble(two) ? one : two;
    }

    private static String layOut(String digits, int point) {
        int count = digits.length();
        if (count <= point && point <= 21) {
            return digits + "0".repeat(point - count);
        }
        if (point > 0 && point <= 21) {
            return digits.substring(0, point) + "." + digits.substring(point);
        }
        if (point > -6 && point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        int exponent = point - 1;
        String sign = exponent < 0 ? "e-" : "e+";
        String fraction = count == 1 ? "" : "." + digits.substring(1);
        return digits.charAt(0) + fraction + sign + Math.abs(exponent);
    }

    private static void writeDigits(long value, ByteSink sink) {
        long power = 1;
        while (value / power >= 10) {
            power *= 10;
        }
        long rest = value;
        while (power > 0) {
            sink.writeByte('0' + (int) (rest / power));
            rest %= power;
            power /= 10;
        }
    }
}
