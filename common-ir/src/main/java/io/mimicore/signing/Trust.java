package io.mimicore.signing;

/// Whose signatures count. Thread-safe.
public sealed interface Trust permits TrustedKey, TrustedKeys {
    /// Whether `signature` is one over `content` by somebody who is trusted.
    boolean verifies(byte[] content, byte[] signature);
}
