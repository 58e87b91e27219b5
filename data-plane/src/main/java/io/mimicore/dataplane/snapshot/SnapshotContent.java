package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotTree;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A snapshot as it was delivered: every API's entry and its encoded IR. Immutable.
///
/// @param version 0: nothing yet
/// @param signature the cluster key's, over version and root
/// @param apis by name
public record SnapshotContent(
        long version, Digest root, byte[] signature, SortedMap<String, StoredApi> apis) {
    /// What a node has before it has anything.
    public static final SnapshotContent NOTHING =
            new SnapshotContent(0, SnapshotTree.EMPTY.root(), new byte[0], new TreeMap<>());

    public SnapshotContent {
        requireNonNull(root, "root");
        requireNonNull(signature, "signature");
        apis = Collections.unmodifiableSortedMap(new TreeMap<>(apis));
    }

    /// The digests of all artifacts that its APIs need.
    Set<Digest> artifacts() {
        Set<Digest> artifacts = new HashSet<>();
        apis.values().forEach(api -> artifacts.addAll(api.entry().artifacts()));
        return artifacts;
    }

    /// Whether it is this version with this content.
    boolean is(long otherVersion, Digest otherRoot) {
        return version == otherVersion && root.equals(otherRoot);
    }

    /// An API's entry and the bytes that its IR digest names, not copied.
    public record StoredApi(ApiEntry entry, byte[] ir) {
        public StoredApi {
            requireNonNull(entry, "entry");
            requireNonNull(ir, "ir");
        }
    }
}
