package io.mimicore.testkit;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import io.mimicore.store.Transaction.Comparison;
import io.mimicore.store.Transaction.Operation;
import io.mimicore.store.TransactionLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A [MetadataStore] in memory, with everything that the contract promises.
///
/// The store itself serves one process. [#session] gives further ones, each of which can be paused
/// (as by `SIGSTOP`), cut off and killed without the others noticing anything but its leases.
/// Leases run on the ticker: with a fake one nothing expires until the test says so and calls
/// [#expireLeases].
///
/// Thread-safe. Listeners are called on a virtual thread of their watch's own.
public final class InMemoryMetadataStore implements MetadataStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final LongSupplier ticker;
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final List<Revision> history = new ArrayList<>();
    private final Map<Long, InMemoryLease> leases = new HashMap<>();
    private final Map<String, Long> leaseOfKey = new HashMap<>();
    private final Set<InMemoryWatch> watches = new HashSet<>();
    private final InMemorySession own;
    private long revision;
    private long compacted;
    private long lastLease;

    /// A store whose leases run on the machine's clock.
    public InMemoryMetadataStore() {
        this(System::nanoTime);
    }

    /// A store whose leases run on `ticker`, in nanoseconds.
    public InMemoryMetadataStore(LongSupplier ticker) {
        this.ticker = ticker;
        own = new InMemorySession(this);
    }

    /// The store as one more process sees it.
    public InMemorySession session() {
        return new InMemorySession(this);
    }

    /// Ends the leases of paused and killed sessions whose time is over, as every operation does.
    public void expireLeases() {
        lock.lock();
        try {
            expire();
        } finally {
            lock.unlock();
        }
    }

    /// Forgets all changes up to now: watches that start before must list again.
    public void compact() {
        lock.lock();
        try {
            history.clear();
            compacted = revision;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Entry get(String key) {
        return own.get(key);
    }

    @Override
    public Listing list(String prefix) {
        return own.list(prefix);
    }

    @Override
    public Outcome commit(Transaction transaction) {
        return own.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return own.watch(prefix, fromRevision, listener);
    }

    @Override
    public Lease lease(Duration ttl) {
        return own.lease(ttl);
    }

    /// Ends every watch and lease of the store's own session.
    @Override
    public void close() {
        own.close();
    }

    long nanoTime() {
        return ticker.getAsLong();
    }

    @Nullable Entry read(String key) {
        lock.lock();
        try {
            expire();
            return entries.get(key);
        } finally {
            lock.unlock();
        }
    }

    Listing readAll(String prefix) {
        lock.lock();
        try {
            expire();
            return listing(prefix);
        } finally {
            lock.unlock();
        }
    }

    Outcome write(Transaction transaction) {
        TransactionLimits.require(transaction);
        lock.lock();
        try {
            expire();
            boolean holds = transaction.comparisons().stream().allMatch(this::holds);
            apply(holds ? transaction.then() : transaction.otherwise());
            return new Outcome(holds, revision);
        } finally {
            lock.unlock();
        }
    }

    InMemoryWatch startWatch(
            InMemorySession session, String prefix, long from, WatchListener listener) {
        lock.lock();
        try {
            var watch = new InMemoryWatch(session, prefix, from, listener);
            if (from < compacted) {
                watch.enqueueResync(listing(prefix));
            } else {
                history.forEach(watch::enqueue);
            }
            watches.add(watch);
            watch.start();
            return watch;
        } finally {
            lock.unlock();
        }
    }

    void forget(InMemoryWatch watch) {
        lock.lock();
        try {
            watches.remove(watch);
        } finally {
            lock.unlock();
        }
    }

    InMemoryLease grant(InMemorySession session, Duration ttl) {
        lock.lock();
        try {
            var lease = new InMemoryLease(this, session, ++lastLease, ttl);
            leases.put(lease.id(), lease);
            return lease;
        } finally {
            lock.unlock();
        }
    }

    /// Removes the lease and its keys; false if it was gone already.
    boolean revoke(long lease) {
        lock.lock();
        try {
            if (leases.remove(lease) == null) {
                return false;
            }
            List<Operation> deletes = new ArrayList<>();
            leaseOfKey.forEach((key, holder) -> {
                if (holder == lease) {
                    deletes.add(new Operation.Delete(key));
                }
            });
            apply(deletes);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void expire() {
        for (InMemoryLease lease : List.copyOf(leases.values())) {
            if (lease.isExpired() && revoke(lease.id())) {
                lease.lost();
            }
        }
    }

    private Listing listing(String prefix) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries.tailMap(prefix, true).values()) {
            if (!entry.key().startsWith(prefix)) {
                break;
            }
            found.add(entry);
        }
        return new Listing(found, revision);
    }

    private boolean holds(Comparison comparison) {
        Entry entry = entries.get(comparison.key());
        return switch (comparison) {
            case Comparison.ModRevision mod ->
                    (entry == null ? 0 : entry.modRevision()) == mod.revision();
            case Comparison.CreateRevision create ->
                    (entry == null ? 0 : entry.createRevision()) == create.revision();
        };
    }

    private void apply(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation instanceof Operation.Put put
                    && put.lease() != 0
                    && !leases.containsKey(put.lease())) {
                throw new StoreException("put " + put.key() + ": lease not found");
            }
        }
        long next = revision + 1;
        List<Change> changes = new ArrayList<>();
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.Put put -> changes.add(put(put, next));
                case Operation.Delete delete -> {
                    leaseOfKey.remove(delete.key());
                    if (entries.remove(delete.key()) != null) {
                        changes.add(new Change.Deleted(delete.key(), next));
                    }
                }
            }
        }
        if (changes.isEmpty()) {
            return;
        }
        revision = next;
        var happened = new Revision(next, List.copyOf(changes));
        history.add(happened);
        watches.forEach(watch -> watch.enqueue(happened));
    }

    private Change put(Operation.Put put, long next) {
        Entry before = entries.get(put.key());
        long created = before == null ? next : before.createRevision();
        var entry = new Entry(put.key(), put.value(), created, next);
        entries.put(put.key(), entry);
        if (put.lease() == 0) {
            leaseOfKey.remove(put.key());
        } else {
            leaseOfKey.put(put.key(), put.lease());
        }
        return new Change.Written(entry);
    }

    /// The changes of one transaction.
    record Revision(long number, List<Change> changes) {}
}
