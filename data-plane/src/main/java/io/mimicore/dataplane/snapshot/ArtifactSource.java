package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import java.io.IOException;

/// Where artifacts come from that are not on disk. Blocks.
@FunctionalInterface
interface ArtifactSource extends AutoCloseable {
    /// Largest artifact, in bytes.
    int BYTES_MAX = 256 * 1024 * 1024;

    /// The bytes that were stored under the digest, at most [#BYTES_MAX]; the caller checks them.
    byte[] fetch(Digest digest) throws IOException, InterruptedException;

    @Override
    default void close() {}
}
