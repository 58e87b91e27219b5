package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.proto.store.v1.ChannelRecord;
import io.mimicore.snapshot.SnapshotTree;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the store holds: the newest snapshot, and every author's file with what it became.
///
/// @param snapshot the channel's target; absent: nothing was ever published
/// @param tree what it consists of
/// @param channel the channel's record
/// @param channelRevision the channel's mod revision; 0: there is none
/// @param sources by the API's name. A record may be ahead of the snapshot, see [Publisher]
public record LiveSet(
        @Nullable Snapshot snapshot,
        SnapshotTree tree,
        ChannelRecord channel,
        long channelRevision,
        SortedMap<String, PublishedApi> sources) {
    public LiveSet {
        requireNonNull(tree, "tree");
        requireNonNull(channel, "channel");
        sources = Collections.unmodifiableSortedMap(new TreeMap<>(sources));
    }

    /// The newest version; 0: none.
    public long version() {
        return snapshot == null ? 0 : snapshot.version();
    }
}
