package io.mimicore.dataplane.link;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import org.jspecify.annotations.Nullable;

/// One API of a snapshot, with what it needs.
///
/// @param irDigest names the IR: equal digests mean equal IR
/// @param artifact gives the built user code; absent for an API without
/// @param artifactDigest names the artifact; absent for an API without
public record LoadedApi(
        ApiIr ir,
        Digest irDigest,
        @Nullable ArtifactLoader artifact,
        @Nullable Digest artifactDigest) {
    public LoadedApi {
        requireNonNull(ir, "ir");
        requireNonNull(irDigest, "irDigest");
        if ((artifact == null) != (artifactDigest == null)) {
            throw new IllegalArgumentException(
                    "artifactDigest: " + artifactDigest + " (expected: just when there is one)");
        }
    }
}
