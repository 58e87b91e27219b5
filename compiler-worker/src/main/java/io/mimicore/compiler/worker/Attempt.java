package io.mimicore.compiler.worker;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ties a build thread to a lease: losing the lease interrupts the build, and nothing after it.
///
/// Closed by the build thread; thread-safe.
final class Attempt implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    private final MetadataStore.Lease lease;
    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean building = true;

    Attempt(MetadataStore.Lease lease) {
        this.lease = lease;
        lease.onLost(this::lost);
    }

    /// Frees the key for others at once, whatever the build thread is held up by. Any thread.
    void release() {
        lock.lock();
        try {
            // What the build still comes to is dropped by the fence.
            building = false;
        } finally {
            lock.unlock();
        }
        free();
    }

    /// From here on losing the lease interrupts nothing: the fence decides.
    void end() {
        lock.lock();
        try {
            building = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        end();
        free();
    }

    private void free() {
        try {
            lease.close();
        } catch (StoreException e) {
            log.debug("the lease of a build runs out by itself", e);
        }
    }

    private void lost() {
        lock.lock();
        try {
            if (building) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
