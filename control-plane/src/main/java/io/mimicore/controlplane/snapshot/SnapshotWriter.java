package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.ChannelRecord;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.store.Transaction.Operation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes one snapshot to the store such that a crash at any point loses nothing acknowledged.
///
/// The order:
/// 1. *content* (IR, authors' files, buckets) under its digest. Nothing refers to it yet;
/// 2. *source records* that do not fit into the last transaction, in transactions of their own.
///    From here a crash leaves records that are ahead of the snapshot: whoever leads next takes the
///    records for what shall be live and publishes them, so the change goes forward, not back;
/// 3. *the version, the channel and the remaining source records* in one transaction. Only after it
///    is anything told to be published.
///
/// 2 and 3 fail once another leader was elected; 3 also if somebody else has written the channel.
/// An author's file is therefore never newer in what nodes serve than in its record, and the record
/// of a removed API goes no later than the API.
///
/// Thread-safe, but one publisher at a time makes sense. Methods block.
public final class SnapshotWriter {
    /// Operations of one transaction; the limit leaves room for the version and the channel.
    private static final int OPERATIONS_MAX = MetadataStore.OPERATIONS_MAX - 8;

    private static final int BYTES_MAX = MetadataStore.TRANSACTION_BYTES_MAX - 256 * 1024;

    private final MetadataStore store;
    private final StoreKeys keys;
    private final ContentStore content;
    private final ClusterKey clusterKey;
    private final InstantSource clock;
    private long floor;

    /// @param keys the cluster's
    /// @param clusterKey signs every version
    /// @param clock stamps versions
    public SnapshotWriter(
            MetadataStore store,
            StoreKeys keys,
            ContentStore content,
            ClusterKey clusterKey,
            InstantSource clock) {
        this.store = requireNonNull(store, "store");
        this.keys = requireNonNull(keys, "keys");
        this.content = requireNonNull(content, "content");
        this.clusterKey = requireNonNull(clusterKey, "clusterKey");
        this.clock = requireNonNull(clock, "clock");
    }

    /// Numbers versions above `value` too. A node refuses to go back, so a store that was lost, or
    /// restored from an older copy, has to go on where the nodes are: the next [#write] makes a
    /// version above `value` even of what is live already.
    ///
    /// @param value the highest version known to have been given out, 0 or more
    public void numberAbove(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("value: " + value + " (expected: >= 0)");
        }
        floor = value;
    }

    /// Makes `desired` live.
    ///
    /// @param live what the store holds
    /// @return what it holds now, which is `live` itself if nothing differs; absent: somebody else
    ///   has written, read it again
    /// @throws StoreException if the store failed; what is written may be any part of the order
    public @Nullable LiveSet write(LiveSet live, Desired desired, Fence fence) {
        SnapshotTree tree = treeOf(desired);
        boolean newRoot =
                live.snapshot() == null
                        || live.version() < floor
                        || !tree.root().equals(live.snapshot().root());
        long version = newRoot ? Math.max(live.version(), floor) + 1 : live.version();
        SortedMap<String, PublishedApi> sources = sources(live, desired, version);
        List<Operation> records = recordOperations(live.sources(), sources);
        if (!newRoot && records.isEmpty()) {
            return live;
        }
        content.putAll(newContent(live, desired, tree));
        List<List<Operation>> batches = batches(records);
        List<Operation> last = batches.isEmpty() ? List.of() : batches.removeLast();
        for (List<Operation> batch : batches) {
            if (!commit(guarded(fence, batch)).succeeded()) {
                return null;
            }
        }
        if (!newRoot) {
            return commit(guarded(fence, last)).succeeded()
                    ? new LiveSet(
                            live.snapshot(),
                            live.tree(),
                            live.channel(),
                            live.channelRevision(),
                            sources)
                    : null;
        }
        Snapshot snapshot = sign(version, tree, desired);
        ChannelRecord channel = live.channel().toBuilder().setTarget(version).build();
        Transaction.Builder transaction = fence.guard(Transaction.builder());
        transaction
                .ifModRevision(keys.channel(SnapshotReader.CHANNEL), live.channelRevision())
                .ifAbsent(keys.version(version))
                .put(keys.version(version), record(snapshot, live, desired).toByteArray())
                .put(keys.channel(SnapshotReader.CHANNEL), channel.toByteArray());
        add(transaction, last);
        MetadataStore.Outcome outcome = commit(transaction.build());
        return outcome.succeeded()
                ? new LiveSet(snapshot, tree, channel, outcome.revision(), sources)
                : null;
    }

    /// Whether `fence` still is the leader's.
    boolean holds(Fence fence) {
        return fence.holds(store);
    }

    private MetadataStore.Outcome commit(Transaction transaction) {
        return store.commit(transaction);
    }

    private Snapshot sign(long version, SnapshotTree tree, Desired desired) {
        int routes = desired.forms().values().stream().mapToInt(ApiForm::routes).sum();
        long irBytes = desired.forms().values().stream().mapToLong(ApiForm::irBytes).sum();
        return new Snapshot(
                version,
                tree.root(),
                tree.bucketDigests(),
                new Snapshot.Size(desired.forms().size(), routes, irBytes),
                clusterKey.sign(SnapshotSignature.signedForm(version, tree.root())));
    }

    private io.mimicore.proto.store.v1.VersionRecord record(
            Snapshot snapshot, LiveSet live, Desired desired) {
        Changes changes = Changes.between(live, desired);
        return snapshot.toRecord()
                .setParent(live.version())
                .setAuthor(changes.authors())
                .setMessage(changes.message())
                .setCreatedEpochMillis(clock.millis())
                .build();
    }

    private static SnapshotTree treeOf(Desired desired) {
        return SnapshotTree.of(desired.forms().values().stream().map(ApiForm::entry).toList());
    }

    /// The records after this version: an entry that stays as it is keeps its version.
    private static SortedMap<String, PublishedApi> sources(
            LiveSet live, Desired desired, long version) {
        SortedMap<String, PublishedApi> sources = new TreeMap<>();
        desired.forms()
                .forEach((api, form) -> {
                    PublishedApi before = live.sources().get(api);
                    long since =
                            before != null
                                            && before.form().entry().equals(form.entry())
                                            && form.entry().equals(live.tree().entries().get(api))
                                    ? before.version()
                                    : version;
                    sources.put(api, new PublishedApi(form, since));
                });
        return sources;
    }

    private List<Operation> recordOperations(
            Map<String, PublishedApi> before, SortedMap<String, PublishedApi> after) {
        List<Operation> operations = new ArrayList<>();
        after.forEach((api, published) -> {
            if (!published.equals(before.get(api))) {
                operations.add(new Operation.Put(keys.source(api), published.encode(), 0));
            }
        });
        before.keySet().stream()
                .filter(api -> !after.containsKey(api))
                .forEach(api -> operations.add(new Operation.Delete(keys.source(api))));
        return operations;
    }

    /// Content that is not in the store: what came with `desired`, and the buckets that are new.
    private static Map<Digest, byte[]> newContent(
            LiveSet live, Desired desired, SnapshotTree tree) {
        Map<Digest, byte[]> fresh = new HashMap<>();
        for (ApiForm form : desired.forms().values()) {
            PublishedApi before = live.sources().get(form.api());
            if (before == null || !before.form().equals(form)) {
                putIfHeld(fresh, desired, form.entry().ir());
                putIfHeld(fresh, desired, form.origin().source());
            }
        }
        Map<Integer, List<ApiEntry>> entries =
                tree.entries().values().stream()
                        .collect(
                                Collectors.groupingBy(entry -> SnapshotTree.bucketOf(entry.api())));
        Set<Digest> known = new HashSet<>(live.tree().bucketDigests());
        known.add(SnapshotTree.EMPTY_BUCKET);
        for (int bucket = 0; bucket < SnapshotTree.BUCKETS; bucket++) {
            Digest digest = tree.bucketDigests().get(bucket);
            if (known.add(digest)) {
                // A tree of this bucket alone has the same bucket, and is made in no time.
                List<ApiEntry> own = entries.getOrDefault(bucket, List.of());
                fresh.put(digest, SnapshotTree.of(own).bucket(bucket));
            }
        }
        return fresh;
    }

    private static void putIfHeld(Map<Digest, byte[]> fresh, Desired desired, Digest digest) {
        byte[] bytes = desired.content().get(digest);
        if (bytes != null) {
            fresh.put(digest, bytes);
        }
    }

    private static List<List<Operation>> batches(List<Operation> operations) {
        List<List<Operation>> batches = new ArrayList<>();
        List<Operation> batch = new ArrayList<>();
        int bytes = 0;
        for (Operation operation : operations) {
            int size = operation.key().length();
            if (operation instanceof Operation.Put put) {
                size += put.value().length;
            }
            if (!batch.isEmpty() && (batch.size() == OPERATIONS_MAX || bytes + size > BYTES_MAX)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(operation);
            bytes += size;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static Transaction guarded(Fence fence, List<Operation> operations) {
        Transaction.Builder transaction = fence.guard(Transaction.builder());
        add(transaction, operations);
        return transaction.build();
    }

    private static void add(Transaction.Builder transaction, List<Operation> operations) {
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.Put put -> transaction.put(put.key(), put.value());
                case Operation.Delete delete -> transaction.delete(delete.key());
            }
        }
    }

    /// What a version changes, for people.
    private record Changes(Set<String> put, Set<String> removed, Set<String> owners) {
        private static final int NAMES_MAX = 10;

        static Changes between(LiveSet live, Desired desired) {
            Map<String, ApiEntry> before = live.tree().entries();
            Set<String> put = new java.util.TreeSet<>();
            Set<String> owners = new java.util.TreeSet<>();
            for (ApiForm form : desired.forms().values()) {
                if (!form.entry().equals(before.get(form.api()))) {
                    put.add(form.api());
                    owners.add(form.origin().owner().value());
                }
            }
            Set<String> removed = new java.util.TreeSet<>(before.keySet());
            removed.removeAll(desired.forms().keySet());
            for (String api : removed) {
                PublishedApi record = live.sources().get(api);
                if (record != null) {
                    owners.add(record.form().origin().owner().value());
                }
            }
            return new Changes(put, removed, owners);
        }

        String authors() {
            return names(owners);
        }

        String message() {
            List<String> parts = new ArrayList<>();
            if (!put.isEmpty()) {
                parts.add("put " + names(put));
            }
            if (!removed.isEmpty()) {
                parts.add("removed " + names(removed));
            }
            return parts.isEmpty() ? "nothing to serve yet" : String.join("; ", parts);
        }

        private static String names(Set<String> names) {
            String first = String.join(", ", names.stream().limit(NAMES_MAX).toList());
            int more = names.size() - NAMES_MAX;
            return more > 0 ? first + " and " + more + " more" : first;
        }
    }
}
