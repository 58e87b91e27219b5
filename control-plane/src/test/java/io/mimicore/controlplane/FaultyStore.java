package io.mimicore.controlplane;

import static java.util.Objects.requireNonNull;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A store that fails when the test says so, before or after a transaction has taken effect, and
/// remembers what was written.
public final class FaultyStore implements MetadataStore {
    private final MetadataStore store;
    private final List<Transaction> committed = new ArrayList<>();
    private int commitsLeft = Integer.MAX_VALUE;
    private boolean takesEffect;
    private boolean down;

    /// @param store keeps what does not fail
    public FaultyStore(MetadataStore store) {
        this.store = requireNonNull(store, "store");
    }

    /// Fails every commit after the next `count`.
    ///
    /// @param andTakesEffect whether the first commit that fails takes effect all the same
    public synchronized void failAfter(int count, boolean andTakesEffect) {
        commitsLeft = count;
        takesEffect = andTakesEffect;
    }

    /// Fails everything from now on, or nothing any more.
    public synchronized void down(boolean value) {
        down = value;
        commitsLeft = Integer.MAX_VALUE;
    }

    /// The transactions that took effect since this was last asked.
    public synchronized List<Transaction> takeCommitted() {
        List<Transaction> taken = List.copyOf(committed);
        committed.clear();
        return taken;
    }

    @Override
    public synchronized Outcome commit(Transaction transaction) {
        requireUp();
        if (commitsLeft == 0) {
            if (takesEffect) {
                takesEffect = false;
                apply(transaction);
            }
            throw new StoreException("the store fails in this test");
        }
        commitsLeft--;
        return apply(transaction);
    }

    private Outcome apply(Transaction transaction) {
        Outcome outcome = store.commit(transaction);
        if (outcome.succeeded()) {
            committed.add(transaction);
        }
        return outcome;
    }

    @Override
    public @Nullable Entry get(String key) {
        requireUp();
        return store.get(key);
    }

    @Override
    public Listing list(String prefix) {
        requireUp();
        return store.list(prefix);
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        requireUp();
        return store.watch(prefix, revision, listener);
    }

    @Override
    public Lease lease(Duration ttl) {
        requireUp();
        return store.lease(ttl);
    }

    @Override
    public void close() {
        store.close();
    }

    private synchronized void requireUp() {
        if (down) {
            throw new StoreException("the store is down in this test");
        }
    }
}
