package io.mimicore.testkit;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One process's view of an [InMemoryMetadataStore], with the misfortunes that befall processes.
///
/// Thread-safe.
public final class InMemorySession implements MetadataStore {
    private final InMemoryMetadataStore store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<InMemoryWatch> watches = new ArrayList<>();
    private final List<InMemoryLease> leases = new ArrayList<>();
    private boolean paused;
    private boolean closed;
    private @Nullable String failure;
    private long renewedNanos;

    InMemorySession(InMemoryMetadataStore store) {
        this.store = store;
    }

    /// Stops renewing leases and delivering events; calls still work, as those of a process that
    /// was stopped between two of them.
    public void pause() {
        lock.lock();
        try {
            if (!paused) {
                paused = true;
                renewedNanos = store.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Goes on: events held back are delivered, leases that are still there are renewed again.
    public void resume() {
        store.expireLeases();
        List<InMemoryLease> held;
        lock.lock();
        try {
            paused = false;
            held = List.copyOf(leases);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        held.forEach(InMemoryLease::tellIfLost);
    }

    /// Makes every call fail with `reason` until [#reconnect]; leases are not renewed meanwhile.
    public void disconnect(String reason) {
        pause();
        lock.lock();
        try {
            failure = reason;
        } finally {
            lock.unlock();
        }
    }

    /// Ends [#disconnect].
    public void reconnect() {
        lock.lock();
        try {
            failure = null;
        } finally {
            lock.unlock();
        }
        resume();
    }

    @Override
    public @Nullable Entry get(String key) {
        requireOpen();
        return store.read(key);
    }

    @Override
    public Listing list(String prefix) {
        requireOpen();
        return store.readAll(prefix);
    }

    @Override
    public Outcome commit(Transaction transaction) {
        requireOpen();
        return store.write(transaction);
    }

    @Override
    public Watch watch(String prefix, long revision, WatchListener listener) {
        requireOpen();
        InMemoryWatch watch = store.startWatch(this, prefix, revision, listener);
        lock.lock();
        try {
            watches.add(watch);
        } finally {
            lock.unlock();
        }
        return watch;
    }

    @Override
    public Lease lease(Duration ttl) {
        requireOpen();
        InMemoryLease lease = store.grant(this, ttl);
        lock.lock();
        try {
            leases.add(lease);
        } finally {
            lock.unlock();
        }
        return lease;
    }

    /// Ends every watch and lease of this session. The store itself goes on.
    @Override
    public void close() {
        List<InMemoryWatch> openWatches;
        List<InMemoryLease> openLeases;
        lock.lock();
        try {
            closed = true;
            paused = false;
            openWatches = List.copyOf(watches);
            openLeases = List.copyOf(leases);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        openWatches.forEach(InMemoryWatch::close);
        openLeases.forEach(InMemoryLease::close);
    }

    /// When a lease granted at `granted` was last renewed.
    long renewedNanos(long granted) {
        lock.lock();
        try {
            return paused ? Math.max(granted, renewedNanos) : store.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    boolean isPaused() {
        lock.lock();
        try {
            return paused;
        } finally {
            lock.unlock();
        }
    }

    void awaitRunning() throws InterruptedException {
        lock.lock();
        try {
            while (paused) {
                changed.await();
            }
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
        store.forget(watch);
    }

    private void requireOpen() {
        lock.lock();
        try {
            if (closed) {
                throw new StoreException("the store is closed");
            }
            if (failure != null) {
                throw new StoreException(failure);
            }
        } finally {
            lock.unlock();
        }
    }
}
