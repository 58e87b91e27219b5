package io.mimicore.controlplane.retention;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A store that does something before each operation, such as letting others go first.
final class SteppingStore implements MetadataStore {
    private final MetadataStore store;
    private final Runnable before;

    SteppingStore(MetadataStore store, Runnable before) {
        this.store = store;
        this.before = before;
    }

    @Override
    public @Nullable Entry get(String key) {
        before.run();
        return store.get(key);
    }

    @Override
    public Listing list(String prefix) {
        before.run();
        return store.list(prefix);
    }

    @Override
    public List<KeyRevision> keys(String prefix) {
        before.run();
        return store.keys(prefix);
    }

    @Override
    public Outcome commit(Transaction transaction) {
        before.run();
        return store.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        return store.watch(prefix, revision, listener);
    }

    @Override
    public Lease lease(Duration ttl) {
        return store.lease(ttl);
    }

    @Override
    public void close() {
        store.close();
    }
}
