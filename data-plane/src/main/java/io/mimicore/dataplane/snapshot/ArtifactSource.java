package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import java.io.IOException;

/// Where artifacts come from that are not on disk.
@FunctionalInterface
interface ArtifactSource {
    /// The bytes that were stored under the digest; the caller checks them.
    byte[] fetch(Digest digest) throws IOException, InterruptedException;
}
