package io.mimicore.controlplane.store.embedded;

import static java.util.Objects.requireNonNull;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import io.mimicore.store.Transaction.Comparison;
import io.mimicore.store.Transaction.Operation;
import io.mimicore.store.TransactionLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A [MetadataStore] in one file, for one process at a time.
///
/// A transaction is on disk (written and forced) before [#commit] returns, so a process that is
/// killed at any time loses nothing acknowledged. Leases last as long as the process: at the next
/// start whatever was put under one is gone. Changes are remembered in memory up to [#HISTORY_MAX]
/// and [#HISTORY_BYTES_MAX]; a watch that asks for older ones is told to resync.
///
/// Thread-safe: one lock guards the file, the history and the watches' wake-up.
public final class EmbeddedMetadataStore implements MetadataStore {
    /// Changes remembered for watches.
    static final int HISTORY_MAX = 16_384;

    /// Bytes of values remembered for watches.
    static final long HISTORY_BYTES_MAX = 16L * 1024 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final EntryFile file;
    private final History history;
    private final Set<HeldLease> leases = new HashSet<>();
    private long nextLease = 1;
    private boolean closed;

    private EmbeddedMetadataStore(EntryFile file) {
        this.file = file;
        this.history = new History(file.revision(), HISTORY_MAX, HISTORY_BYTES_MAX);
    }

    /// Opens or creates the store.
    ///
    /// @param path the file
    /// @throws StoreException if another process has it open, or it cannot be read or written
    public static EmbeddedMetadataStore open(Path path) {
        return open(path, "");
    }

    /// @param fileSystem prefix of the one of MVStore's file systems to go through; empty: the
    ///   usual
    static EmbeddedMetadataStore open(Path path, String fileSystem) {
        EntryFile file = EntryFile.open(requireNonNull(path, "path"), fileSystem);
        boolean opened = false;
        try {
            EmbeddedMetadataStore store = new EmbeddedMetadataStore(file);
            store.dropKeysOfDeadLeases();
            opened = true;
            return store;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    @Override
    public @Nullable Entry get(String key) {
        lock.lock();
        try {
            requireOpen();
            return file.get(key);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Listing list(String prefix) {
        lock.lock();
        try {
            requireOpen();
            return new Listing(file.list(prefix), file.revision());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<KeyRevision> keys(String prefix) {
        lock.lock();
        try {
            requireOpen();
            return file.keys(prefix);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Outcome commit(Transaction transaction) {
        TransactionLimits.require(transaction);
        lock.lock();
        try {
            requireOpen();
            boolean holds = transaction.comparisons().stream().allMatch(this::holds);
            List<Operation> operations = holds ? transaction.then() : transaction.otherwise();
            write(operations);
            return new Outcome(holds, file.revision());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        EmbeddedWatch watch = new EmbeddedWatch(prefix, revision, listener);
        Thread.ofVirtual().name("embedded-store-watch-", 0).start(watch::run);
        return watch;
    }

    @Override
    public Lease lease(Duration ttl) {
        if (ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: > 0)");
        }
        lock.lock();
        try {
            requireOpen();
            HeldLease lease = new HeldLease(nextLease++);
            leases.add(lease);
            return lease;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<HeldLease> lost;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            lost = List.copyOf(leases);
            leases.clear();
            changed.signalAll();
            file.close();
        } finally {
            lock.unlock();
        }
        lost.forEach(HeldLease::lose);
    }

    private boolean holds(Comparison comparison) {
        Entry entry = file.get(comparison.key());
        return switch (comparison) {
            case Comparison.ModRevision mod ->
                    mod.revision() == (entry == null ? 0 : entry.modRevision());
            case Comparison.CreateRevision create ->
                    create.revision() == (entry == null ? 0 : entry.createRevision());
        };
    }

    private void write(List<Operation> operations) {
        operations.forEach(this::requireLiveLease);
        List<Change> changes = file.apply(operations);
        if (!changes.isEmpty()) {
            history.add(file.revision(), changes);
            changed.signalAll();
        }
    }

    private void requireLiveLease(Operation operation) {
        if (operation instanceof Operation.Put put
                && put.lease() != 0
                && leases.stream().noneMatch(lease -> lease.id() == put.lease())) {
            throw new StoreException("put " + put.key() + ": the lease has ended");
        }
    }

    private void dropKeysOfDeadLeases() {
        lock.lock();
        try {
            List<Operation> deletes = new ArrayList<>();
            file.leasedKeys().forEach(key -> deletes.add(new Operation.Delete(key)));
            write(deletes);
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreException("the metadata store is closed");
        }
    }

    /// A lease of this process.
    private final class HeldLease implements Lease {
        private final long id;
        private final AtomicBoolean alive = new AtomicBoolean(true);
        private final List<Runnable> lostActions = new ArrayList<>();

        HeldLease(long id) {
            this.id = id;
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public boolean isAlive() {
            return alive.get();
        }

        @Override
        public void onLost(Runnable action) {
            synchronized (lostActions) {
                lostActions.add(action);
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!alive.getAndSet(false) || closed) {
                    return;
                }
                leases.remove(this);
                List<Operation> deletes = new ArrayList<>();
                file.keysOfLease(id).forEach(key -> deletes.add(new Operation.Delete(key)));
                write(deletes);
            } finally {
                lock.unlock();
            }
        }

        void lose() {
            if (alive.getAndSet(false)) {
                List<Runnable> actions;
                synchronized (lostActions) {
                    actions = List.copyOf(lostActions);
                }
                actions.forEach(Runnable::run);
            }
        }
    }

    /// Pulls from the history, so a slow listener costs no memory: it falls behind and resyncs.
    private final class EmbeddedWatch implements Watch {
        private final String prefix;
        private final WatchListener listener;
        private final ReentrantLock delivering = new ReentrantLock();
        private long seen;
        private volatile boolean stopped;

        EmbeddedWatch(String prefix, long revision, WatchListener listener) {
            this.prefix = prefix;
            this.seen = revision;
            this.listener = listener;
        }

        void run() {
            while (true) {
                Runnable delivery = next();
                if (delivery == null) {
                    return;
                }
                delivering.lock();
                try {
                    if (stopped) {
                        return;
                    }
                    delivery.run();
                } finally {
                    delivering.unlock();
                }
            }
        }

        private @Nullable Runnable next() {
            lock.lock();
            try {
                while (true) {
                    if (stopped || closed) {
                        return null;
                    }
                    if (!history.covers(seen)) {
                        Listing listing = new Listing(file.list(prefix), file.revision());
                        seen = listing.revision();
                        return () -> listener.resync(listing);
                    }
                    List<Change> changes = history.after(seen, prefix);
                    seen = file.revision();
                    if (!changes.isEmpty()) {
                        return () -> listener.changed(changes);
                    }
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            stopped = true;
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            // Waits for a delivery under way, unless the listener itself is closing the watch.
            delivering.lock();
            try {
                assert stopped;
            } finally {
                delivering.unlock();
            }
        }
    }
}
