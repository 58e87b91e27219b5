package io.mimicore.store;

import io.mimicore.ir.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The value of [StoreKeys#condemnedArtifacts]: 32 bytes a digest, one after the other.
public final class CondemnedArtifacts {
    /// Most digests in one value: 128 KiB.
    public static final int MAX = 4_096;

    private CondemnedArtifacts() {}

    /// The value that names these.
    ///
    /// @throws IllegalArgumentException if they are more than [#MAX]
    public static byte[] encode(Collection<Digest> artifacts) {
        if (artifacts.size() > MAX) {
            throw new IllegalArgumentException(
                    "artifacts: " + artifacts.size() + " (expected: at most " + MAX + ")");
        }
        ByteBuffer value = ByteBuffer.allocate(artifacts.size() * Digest.BYTES);
        artifacts.forEach(artifact -> value.put(artifact.bytes()));
        return value.array();
    }

    /// The digests in a value.
    ///
    /// @throws StoreException if it is no such value
    public static Set<Digest> decode(byte[] value) {
        if (value.length % Digest.BYTES != 0) {
            throw new StoreException(
                    "condemned artifacts: " + value.length + " bytes (expected: 32 a digest)");
        }
        List<Digest> artifacts = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(value);
        while (rest.hasRemaining()) {
            byte[] digest = new byte[Digest.BYTES];
            rest.get(digest);
            artifacts.add(Digest.ofBytes(digest));
        }
        return Collections.unmodifiableSet(new HashSet<>(artifacts));
    }
}
