package io.mimicore.dataplane.http;

/// Takes bytes in order. Grows up to its limit.
///
/// Every method throws [Overflow] when the limit is passed; what was written stays.
public interface ByteSink {
    /// Writes all bytes.
    void write(byte[] bytes);

    /// Writes a part.
    void write(byte[] bytes, int offset, int length);

    /// Writes one byte, the lowest eight bits.
    void writeByte(int value);

    /// Writes the text as UTF-8; a lone surrogate becomes U+FFFD.
    void writeUtf8(CharSequence text);

    /// Bytes written so far.
    int size();

    /// More was written than the limit allows. Without a stack trace: it is an outcome of a
    /// request.
    final class Overflow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// @param bytesMax the limit, in bytes
        public Overflow(int bytesMax) {
            super("output: (expected: at most " + bytesMax + " bytes)", null, false, false);
        }
    }
}
