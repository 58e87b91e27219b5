package io.mimicore.dataplane.value;

/// Checks UTF-8 (RFC 3629 §4): no overlong forms, no surrogates, nothing above U+10FFFF.
public final class Utf8 {
    /// Stands for what has no UTF-8 or is none: U+FFFD.
    public static final int REPLACEMENT = 0xfffd;

    private Utf8() {}

    /// Index of the first byte that begins no well-formed character; the length when all do.
    public static int firstInvalid(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            if (bytes[i] >= 0) {
                i++;
                continue;
            }
            int length = sequenceLength(bytes, i);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return bytes.length;
    }

    /// Whether all of it is well-formed.
    public static boolean isValid(byte[] bytes) {
        return firstInvalid(bytes) == bytes.length;
    }

    static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    private static int sequenceLength(byte[] bytes, int at) {
        int lead = bytes[at] & 0xff;
        if (lead >= 0xc2 && lead <= 0xdf) {
            return isTail(bytes, at + 1) ? 2 : 0;
        }
        if (lead >= 0xe0 && lead <= 0xef) {
            int low = lead == 0xe0 ? 0xa0 : 0x80;
            int high = lead == 0xed ? 0x9f : 0xbf;
            return isBetween(bytes, at + 1, low, high) && isTail(bytes, at + 2) ? 3 : 0;
        }
        if (lead >= 0xf0 && lead <= 0xf4) {
            int low = lead == 0xf0 ? 0x90 : 0x80;
            int high = lead == 0xf4 ? 0x8f : 0xbf;
            return isBetween(bytes, at + 1, low, high)
                            && isTail(bytes, at + 2)
                            && isTail(bytes, at + 3)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean isTail(byte[] bytes, int at) {
        return isBetween(bytes, at, 0x80, 0xbf);
    }

    private static boolean isBetween(byte[] bytes, int at, int low, int high) {
        return at < bytes.length && (bytes[at] & 0xff) >= low && (bytes[at] & 0xff) <= high;
    }
}
