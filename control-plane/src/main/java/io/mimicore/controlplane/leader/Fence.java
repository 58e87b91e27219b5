package io.mimicore.controlplane.leader;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.Transaction;

/// Proof of a leadership: a transaction that carries it fails once another leader was elected.
///
/// @param key the leader's key
/// @param epoch the key's create revision, higher for every leadership
public record Fence(String key, long epoch) {
    /// Makes `transaction` depend on this leadership.
    public Transaction.Builder guard(Transaction.Builder transaction) {
        return transaction.ifCreateRevision(key, epoch);
    }

    /// Whether this leadership lasts.
    public boolean holds(MetadataStore store) {
        MetadataStore.Entry entry = store.get(key);
        return entry != null && entry.createRevision() == epoch;
    }
}
