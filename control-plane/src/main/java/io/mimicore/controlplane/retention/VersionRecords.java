package io.mimicore.controlplane.retention;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.proto.store.v1.ChannelRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The versions in the store, and which of them may go. Methods block; not thread-safe.
final class VersionRecords {
    /// Versions removed in one transaction, which also compares every channel.
    private static final int BATCH_MAX = 64;

    private final MetadataStore store;
    private final StoreKeys keys;
    private final FencedDeletes deletes;
    private final Retention retention;

    VersionRecords(
            MetadataStore store, StoreKeys keys, FencedDeletes deletes, Retention retention) {
        this.store = store;
        this.keys = keys;
        this.deletes = deletes;
        this.retention = retention;
    }

    /// Removes the versions that are not among the newest, that no channel names and that are not
    /// in use; they may go at once, as what they consist of stays for the grace.
    ///
    /// @param inUse by nodes of this process
    /// @param reported by nodes of any control plane; compared once more when versions are removed
    /// @return how many
    int trim(Set<Long> inUse, NodeReports.Versions reported) {
        List<Entry> channels = store.list(keys.channels()).entries();
        Set<Long> kept = new HashSet<>(inUse);
        kept.addAll(reported.versions());
        channels.forEach(channel -> kept.addAll(namedBy(channel)));
        List<KeyRevision> all = store.keys(keys.versions());
        List<KeyRevision> old = new ArrayList<>();
        for (KeyRevision key : all.subList(0, Math.max(0, all.size() - retention.versions()))) {
            if (!kept.contains(versionOf(key.key()))) {
                old.add(key);
            }
        }
        int removed = 0;
        for (int from = 0; from < old.size(); from += BATCH_MAX) {
            List<KeyRevision> batch = old.subList(from, Math.min(old.size(), from + BATCH_MAX));
            if (!remove(batch, channels, reported.revision())) {
                // A channel or a node's record was written meanwhile, and may name one of them:
                // next time.
                break;
            }
            removed += batch.size();
        }
        return removed;
    }

    /// Every version that is there.
    List<Snapshot> all() {
        return store.list(keys.versions()).entries().stream()
                .map(entry -> Snapshot.decode(entry.value()))
                .toList();
    }

    private boolean remove(List<KeyRevision> versions, List<Entry> channels, long reportsRevision) {
        Transaction.Builder transaction = deletes.transaction();
        transaction.ifModRevision(keys.versionsReported(), reportsRevision);
        channels.forEach(
                channel -> transaction.ifModRevision(channel.key(), channel.modRevision()));
        for (KeyRevision version : versions) {
            transaction.ifModRevision(version.key(), version.modRevision()).delete(version.key());
        }
        return deletes.commit(transaction).succeeded();
    }

    private long versionOf(String key) {
        try {
            return Long.parseLong(key.substring(keys.versions().length()));
        } catch (NumberFormatException e) {
            throw new StoreException(key + " is no version's key", e);
        }
    }

    private static Set<Long> namedBy(Entry channel) {
        try {
            ChannelRecord record = ChannelRecord.parseFrom(channel.value());
            return new HashSet<>(List.of(record.getTarget(), record.getLkg()));
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("a channel record is damaged", e);
        }
    }
}
