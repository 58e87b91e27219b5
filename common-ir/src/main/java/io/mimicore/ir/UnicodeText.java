package io.mimicore.ir;

/// Tells which Java texts are Unicode text, and so have a UTF-8 form.
public final class UnicodeText {
    private UnicodeText() {}

    /// Index of the first surrogate without its other half (JSON can spell one, `"\ud800"`); -1:
    /// there is none.
    public static int unpairedSurrogate(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUnpaired(text, i)) {
                return i;
            }
        }
        return -1;
    }

    /// Whether the character at `index` is a surrogate without its other half.
    public static boolean isUnpaired(CharSequence text, int index) {
        char c = text.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
        }
        return Character.isLowSurrogate(c)
                && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
    }
}
