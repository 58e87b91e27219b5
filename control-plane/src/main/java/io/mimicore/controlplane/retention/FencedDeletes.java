package io.mimicore.controlplane.retention;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.Transaction;
import java.util.ArrayList;
import java.util.List;

/// Deletes keys in transactions which hold only if this process still leads and every key is as it
/// was when it was found to be out of use. Methods block; not thread-safe.
final class FencedDeletes {
    /// Keys in one transaction; with the comparison of each and the fence it stays below the
    /// store's limit for either.
    static final int KEYS_MAX = MetadataStore.OPERATIONS_MAX - 8;

    private final MetadataStore store;
    private final Fence fence;

    FencedDeletes(MetadataStore store, Fence fence) {
        this.store = store;
        this.fence = fence;
    }

    /// Deletes groups of keys, each group in one transaction where it fits: the first key goes with
    /// the first transaction, so what it stands for is gone with it.
    ///
    /// @return how many groups are gone; one that was written meanwhile stays, and so do those that
    ///   shared its transaction, until the next pass
    int delete(List<List<KeyRevision>> groups) {
        int deleted = 0;
        List<KeyRevision> batch = new ArrayList<>();
        int batched = 0;
        for (List<KeyRevision> group : groups) {
            if (!batch.isEmpty() && batch.size() + group.size() > KEYS_MAX) {
                deleted += commit(batch) ? batched : 0;
                batch = new ArrayList<>();
                batched = 0;
            }
            if (group.size() > KEYS_MAX) {
                deleted += deleteLarge(group) ? 1 : 0;
            } else {
                batch.addAll(group);
                batched++;
            }
        }
        if (!batch.isEmpty()) {
            deleted += commit(batch) ? batched : 0;
        }
        return deleted;
    }

    /// Whether this process still leads.
    boolean isLeading() {
        return fence.holds(store);
    }

    Transaction.Builder transaction() {
        return fence.guard(Transaction.builder());
    }

    MetadataStore.Outcome commit(Transaction.Builder transaction) {
        return store.commit(transaction.build());
    }

    private boolean deleteLarge(List<KeyRevision> group) {
        for (int from = 0; from < group.size(); from += KEYS_MAX) {
            if (!commit(group.subList(from, Math.min(group.size(), from + KEYS_MAX)))) {
                return false;
            }
        }
        return true;
    }

    private boolean commit(List<KeyRevision> keys) {
        Transaction.Builder transaction = transaction();
        for (KeyRevision key : keys) {
            transaction.ifModRevision(key.key(), key.modRevision()).delete(key.key());
        }
        return commit(transaction).succeeded();
    }
}
