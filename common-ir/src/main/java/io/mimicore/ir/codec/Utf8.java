package io.mimicore.ir.codec;

/// Guards the border where Java's texts become UTF-8.
final class Utf8 {
    private Utf8() {}

    /// `text` itself, if it has a UTF-8 form.
    ///
    /// @throws IllegalArgumentException for an unpaired surrogate, which protobuf would silently
    ///   write as `?`
    static String encodable(String text) {
        int at = 0;
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(
                        "text: unpaired surrogate at character "
                                + at
                                + " (expected: Unicode text)");
            }
            at += Character.charCount(codePoint);
        }
        return text;
    }
}
