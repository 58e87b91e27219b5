package io.mimicore.ir;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 digest (FIPS 180-4), as 64 lower-case hex digits.
public record Digest(String hex) implements Comparable<Digest> {
    /// Length of the digest in bytes.
    public static final int BYTES = 32;

    public Digest {
        if (hex.length() != 2 * BYTES || !hex.chars().allMatch(Digest::isHexDigit)) {
            throw new IllegalArgumentException(
                    "digest: " + hex + " (expected: 64 lower-case hex digits)");
        }
    }

    /// The digest of `content`.
    public static Digest of(byte[]... content) {
        MessageDigest sha256 = newSha256();
        for (byte[] part : content) {
            sha256.update(part);
        }
        return ofBytes(sha256.digest());
    }

    /// The digest whose 32 bytes are given.
    public static Digest ofBytes(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(bytes));
    }

    /// A fresh SHA-256 for content that comes in pieces.
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            // Every Java platform must have SHA-256 (MessageDigest's class documentation).
            throw new AssertionError(e);
        }
    }

    /// The 32 bytes, newly copied.
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }

    private static boolean isHexDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}
