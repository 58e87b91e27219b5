package io.mimicore.testkit;

import io.mimicore.store.MetadataStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// A lease of an [InMemorySession]. Thread-safe.
final class InMemoryLease implements MetadataStore.Lease {
    private final InMemoryMetadataStore store;
    private final InMemorySession session;
    private final long id;
    private final long ttlNanos;
    private final long grantedNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> actions = new ArrayList<>();
    private boolean lost;
    private boolean told;
    private boolean closed;

    InMemoryLease(InMemoryMetadataStore store, InMemorySession session, long id, Duration ttl) {
        this.store = store;
        this.session = session;
        this.id = id;
        ttlNanos = ttl.toNanos();
        grantedNanos = store.nanoTime();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isAlive() {
        lock.lock();
        try {
            return !closed && !lost && !isExpired();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onLost(Runnable action) {
        lock.lock();
        try {
            if (!told) {
                actions.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        store.revoke(id);
    }

    boolean isExpired() {
        return store.nanoTime() - session.renewedNanos(grantedNanos) >= ttlNanos;
    }

    /// The store has let it expire.
    void lost() {
        lock.lock();
        try {
            lost = true;
        } finally {
            lock.unlock();
        }
        // A stopped process learns of it when it goes on. Not on the store's thread: it holds
        // locks.
        if (!session.isPaused()) {
            Thread.ofVirtual().name("lease-" + id + "-lost").start(this::tellIfLost);
        }
    }

    /// Runs the actions once, if the lease is lost.
    void tellIfLost() {
        List<Runnable> due;
        lock.lock();
        try {
            if (!lost || closed || told) {
                return;
            }
            told = true;
            due = List.copyOf(actions);
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }
}
