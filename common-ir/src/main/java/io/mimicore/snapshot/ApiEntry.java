package io.mimicore.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import java.util.List;

/// One API of a snapshot, by digest.
///
/// @param ir digest of the encoded IR
/// @param artifacts digests of the artifacts it needs, in the IR's order
public record ApiEntry(String api, Digest ir, List<Digest> artifacts) {
    public ApiEntry {
        requireNonNull(api, "api");
        requireNonNull(ir, "ir");
        artifacts = List.copyOf(artifacts);
    }
}
