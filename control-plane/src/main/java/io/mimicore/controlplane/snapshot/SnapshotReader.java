package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.Bucket;
import io.mimicore.proto.store.v1.ChannelRecord;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads snapshots back from the store. Thread-safe; methods block and throw [StoreException] when
/// the store fails or holds something damaged.
public final class SnapshotReader {
    /// The channel that every node follows.
    public static final String CHANNEL = "default";

    private final MetadataStore store;
    private final StoreKeys keys;
    private final ContentStore content;

    /// @param keys the cluster's
    public SnapshotReader(MetadataStore store, StoreKeys keys, ContentStore content) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
        this.content = requireNonNull(content, "content");
    }

    /// The snapshot of this version, if the store still has it.
    public @Nullable Snapshot version(long version) {
        MetadataStore.Entry entry = store.get(keys.version(version));
        return entry == null ? null : Snapshot.decode(entry.value());
    }

    /// The version that nodes are to run; 0: nothing was published yet.
    public long target() {
        MetadataStore.Entry entry = store.get(keys.channel(CHANNEL));
        return entry == null ? 0 : channel(entry.value()).getTarget();
    }

    /// Everything that is live, and the records of what it was made from.
    public LiveSet live() {
        MetadataStore.Entry entry = store.get(keys.channel(CHANNEL));
        ChannelRecord channel =
                entry == null ? ChannelRecord.getDefaultInstance() : channel(entry.value());
        Snapshot snapshot = channel.getTarget() == 0 ? null : version(channel.getTarget());
        if (snapshot == null && channel.getTarget() != 0) {
            throw new StoreException(
                    "version "
                            + channel.getTarget()
                            + ": the channel names it and it is not there");
        }
        return new LiveSet(
                snapshot,
                snapshot == null ? SnapshotTree.EMPTY : SnapshotTree.of(entries(snapshot)),
                channel,
                entry == null ? 0 : entry.modRevision(),
                sources());
    }

    /// All entries of a snapshot.
    public List<ApiEntry> entries(Snapshot snapshot) {
        List<ApiEntry> entries = new ArrayList<>();
        snapshot.buckets().forEach(digest -> entries.addAll(bucket(digest)));
        return entries;
    }

    /// What must change for `from` to become `to`. Reads only the buckets that differ.
    ///
    /// @param from absent: from nothing
    public SnapshotDiff diff(@Nullable Snapshot from, Snapshot to) {
        return diff(from, to, (_, _) -> {});
    }

    /// Like [#diff(Snapshot, Snapshot)], and tells what was in the buckets that differ.
    ///
    /// @param was takes entries of `from`, by name
    public SnapshotDiff diff(
            @Nullable Snapshot from, Snapshot to, BiConsumer<String, ApiEntry> was) {
        SortedMap<String, ApiEntry> before = new TreeMap<>();
        SortedMap<String, ApiEntry> after = new TreeMap<>();
        for (int i = 0; i < SnapshotTree.BUCKETS; i++) {
            Digest old = from == null ? SnapshotTree.EMPTY_BUCKET : from.buckets().get(i);
            Digest now = to.buckets().get(i);
            if (!old.equals(now)) {
                bucket(old).forEach(entry -> before.put(entry.api(), entry));
                bucket(now).forEach(entry -> after.put(entry.api(), entry));
            }
        }
        before.forEach(was);
        return SnapshotDiff.between(before, after);
    }

    /// The IR of this digest, encoded.
    public byte[] ir(Digest digest) {
        return content.get(digest);
    }

    static ChannelRecord channel(byte[] encoded) {
        try {
            return ChannelRecord.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("a channel record is damaged", e);
        }
    }

    /// The entries of one bucket.
    public List<ApiEntry> bucket(Digest digest) {
        if (digest.equals(SnapshotTree.EMPTY_BUCKET)) {
            return List.of();
        }
        try {
            return Bucket.parseFrom(content.get(digest)).getEntriesList().stream()
                    .map(SnapshotReader::entry)
                    .toList();
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new StoreException("bucket " + digest + " is damaged", e);
        }
    }

    /// Every author's file and what it became, by the API's name.
    public SortedMap<String, PublishedApi> sources() {
        SortedMap<String, PublishedApi> sources = new TreeMap<>();
        store.list(keys.sources())
                .entries()
                .forEach(entry -> {
                    PublishedApi api = PublishedApi.decode(entry.value());
                    sources.put(api.form().api(), api);
                });
        return sources;
    }

    private static ApiEntry entry(io.mimicore.proto.store.v1.ApiEntry encoded) {
        return new ApiEntry(
                encoded.getApi(),
                digest(encoded.getIrDigest()),
                encoded.getArtifactDigestsList().stream().map(SnapshotReader::digest).toList());
    }

    private static Digest digest(ByteString bytes) {
        return Digest.ofBytes(bytes.toByteArray());
    }
}
