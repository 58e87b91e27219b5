package io.mimicore.dataplane.http;

/// The header fields of a message as places in its bytes, for those who pass a message on without
/// making texts of it.
///
/// Valid only as long as the message it belongs to is being handled. Names are tokens, values hold
/// no control characters but the tab; both were checked when the message was read.
public interface HeadFields {
    /// Number of fields.
    int count();

    /// The bytes that the places are in. Nobody writes to them.
    byte[] bytes();

    /// Where a field's name begins.
    int nameStart(int index);

    /// Where a field's name ends.
    int nameEnd(int index);

    /// Where a field's value begins, without white space around it.
    int valueStart(int index);

    /// Where a field's value ends.
    int valueEnd(int index);

    /// Whether a field has this name.
    ///
    /// @param name in lower case
    default boolean isNamed(int index, String name) {
        return sameIgnoringCase(name, nameStart(index), nameEnd(index));
    }

    /// Whether the bytes are this text, whatever their case.
    ///
    /// @param text in lower case
    default boolean sameIgnoringCase(String text, int from, int to) {
        int length = to - from;
        if (length != text.length()) {
            return false;
        }
        byte[] bytes = bytes();
        for (int i = 0; i < length; i++) {
            int c = bytes[from + i];
            if (c >= 'A' && c <= 'Z') {
                c += 'a' - 'A';
            }
            if (c != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
