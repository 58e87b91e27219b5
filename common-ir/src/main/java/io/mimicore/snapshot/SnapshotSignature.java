package io.mimicore.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.ir.Digest;
import java.nio.ByteBuffer;

/// The bytes that the cluster's key signs for a snapshot.
///
/// The version is part of them, so that an old root cannot be passed off as a newer version.
public final class SnapshotSignature {
    private static final byte[] DOMAIN = "mimicore snapshot v1\n".getBytes(UTF_8);

    private SnapshotSignature() {}

    /// What is signed.
    public static byte[] signedForm(long version, Digest root) {
        return ByteBuffer.allocate(DOMAIN.length + Long.BYTES + Digest.BYTES)
                .put(DOMAIN)
                .putLong(version)
                .put(root.bytes())
                .array();
    }
}
