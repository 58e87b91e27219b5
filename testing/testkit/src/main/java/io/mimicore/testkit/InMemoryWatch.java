package io.mimicore.testkit;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;

/// A watch of an [InMemorySession]: a queue and a virtual thread that empties it. Thread-safe.
final class InMemoryWatch implements MetadataStore.Watch {
    private final InMemorySession session;
    private final String prefix;
    private final long from;
    private final MetadataStore.WatchListener listener;
    private final LinkedBlockingQueue<Runnable> deliveries = new LinkedBlockingQueue<>();
    private final ReentrantLock delivery = new ReentrantLock();
    private final Thread thread;
    private boolean closed;

    InMemoryWatch(
            InMemorySession session,
            String prefix,
            long from,
            MetadataStore.WatchListener listener) {
        this.session = session;
        this.prefix = prefix;
        this.from = from;
        this.listener = listener;
        thread = Thread.ofVirtual().name("watch " + prefix).unstarted(this::deliver);
    }

    void start() {
        thread.start();
    }

    /// Called by the store under its lock, in the order of revisions.
    void enqueue(InMemoryMetadataStore.Revision revision) {
        if (revision.number() <= from) {
            return;
        }
        List<Change> mine =
                revision.changes().stream()
                        .filter(change -> keyOf(change).startsWith(prefix))
                        .toList();
        if (!mine.isEmpty()) {
            deliveries.add(() -> listener.changed(mine));
        }
    }

    void enqueueResync(MetadataStore.Listing listing) {
        deliveries.add(() -> listener.resync(listing));
    }

    @Override
    public void close() {
        // Waits for a delivery that is under way, unless this is that delivery.
        delivery.lock();
        try {
            closed = true;
        } finally {
            delivery.unlock();
        }
        session.forget(this);
        if (Thread.currentThread() != thread) {
            thread.interrupt();
        }
    }

    private void deliver() {
        try {
            while (true) {
                Runnable next = deliveries.take();
                session.awaitRunning();
                delivery.lock();
                try {
                    if (closed) {
                        return;
                    }
                    next.run();
                } finally {
                    delivery.unlock();
                }
            }
        } catch (InterruptedException e) {
            // Only close() interrupts, and this thread ends with it.
            Thread.currentThread().interrupt();
        }
    }

    private static String keyOf(Change change) {
        return switch (change) {
            case Change.Written written -> written.entry().key();
            case Change.Deleted deleted -> deleted.key();
        };
    }
}
