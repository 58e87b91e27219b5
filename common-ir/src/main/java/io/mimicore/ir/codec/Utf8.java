package io.mimicore.ir.codec;

import io.mimicore.ir.UnicodeText;

/// Guards the border where Java's texts become UTF-8.
final class Utf8 {
    private Utf8() {}

    /// `text` itself, if it has a UTF-8 form.
    ///
    /// @throws IllegalArgumentException for an unpaired surrogate, which protobuf would silently
    ///   write as `?`
    static String encodable(String text) {
        int unpaired = UnicodeText.unpairedSurrogate(text);
        if (unpaired >= 0) {
            throw new IllegalArgumentException(
                    "text: unpaired surrogate at character "
                            + unpaired
                            + " (expected: Unicode text)");
        }
        return text;
    }
}
