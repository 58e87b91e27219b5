package io.mimicore.compiler.worker;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.WorkerOffer;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps this worker registered: under a lease, and again when the lease was lost.
///
/// Thread-safe. Has a virtual thread of its own between [#start] and [#close].
final class Registration implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Registration.class);
    private static final Duration TTL = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final MetadataStore store;
    private final StoreKeys keys;
    private final WorkerOffer offer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private MetadataStore.@Nullable Lease lease;
    private boolean closed;

    Registration(MetadataStore store, StoreKeys keys, WorkerOffer offer) {
        this.store = store;
        this.keys = keys;
        this.offer = offer;
        thread = Thread.ofVirtual().name("registration " + offer.id()).unstarted(this::keep);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            // The lease runs out by itself.
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        try {
            while (!awaitChange(0)) {
                try {
                    register();
                    awaitLoss();
                } catch (StoreException e) {
                    log.warn(
                            "worker {} cannot be registered, trying again cause={}",
                            offer.id(),
                            e.getMessage());
                    boolean _ = awaitChange(PAUSE.toNanos());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            release();
        }
    }

    private void register() {
        MetadataStore.Lease fresh = store.lease(TTL);
        lock.lock();
        try {
            lease = fresh;
        } finally {
            lock.unlock();
        }
        fresh.onLost(() -> lost(fresh));
        try {
            store.commit(
                    Transaction.builder()
                            .putLeased(keys.worker(offer.id()), BuildRecords.encode(offer), fresh)
                            .build());
        } catch (StoreException e) {
            // The next try has a lease of its own; this one would be renewed for ever.
            release();
            throw e;
        }
    }

    private void lost(MetadataStore.Lease which) {
        lock.lock();
        try {
            if (which.equals(lease)) {
                lease = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitLoss() throws InterruptedException {
        lock.lock();
        try {
            while (lease != null && !closed) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
        if (!isClosed()) {
            log.warn("worker {} lost its lease and registers again", offer.id());
        }
    }

    /// Waits for up to `nanos`; true: this was closed.
    private boolean awaitChange(long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        MetadataStore.Lease held;
        lock.lock();
        try {
            held = lease;
            lease = null;
        } finally {
            lock.unlock();
        }
        if (held != null) {
            try {
                held.close();
            } catch (StoreException e) {
                log.debug("worker {}: the lease runs out by itself", offer.id(), e);
            }
        }
    }
}
