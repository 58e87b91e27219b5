package io.mimicore.build;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Follows one build's state, from one reading on. Thread-safe.
final class StateWatch implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final String key;
    private final @Nullable BuildState first;
    private @Nullable BuildState last;
    private boolean removed;
    private MetadataStore.@Nullable Watch watch;

    private StateWatch(String key, @Nullable BuildState first) {
        this.key = key;
        this.first = first;
        this.last = first;
    }

    static StateWatch open(MetadataStore store, String key) {
        MetadataStore.Listing listing = store.list(key);
        var opened = new StateWatch(key, find(listing, key));
        opened.watch = store.watch(key, listing.revision(), opened.new Listener());
        return opened;
    }

    /// The state when this was opened. Absent: there was none.
    @Nullable BuildState first() {
        return first;
    }

    /// Waits until the build has ended or the time is over; gives the state then. Absent: there is
    /// none, or it was removed.
    @Nullable BuildState awaitEnd(long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (!hasEnded() && !removed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return last;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        MetadataStore.Watch running = watch;
        if (running != null) {
            running.close();
        }
    }

    private boolean hasEnded() {
        return last instanceof BuildState.Done || last instanceof BuildState.Failed;
    }

    private void see(@Nullable BuildState state) {
        lock.lock();
        try {
            if (!hasEnded()) {
                last = state;
                removed |= state == null;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable BuildState find(MetadataStore.Listing listing, String key) {
        return listing.entries().stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .map(entry -> BuildRecords.decodeState(entry.value()))
                .orElse(null);
    }

    private final class Listener implements MetadataStore.WatchListener {
        @Override
        public void changed(List<Change> changes) {
            for (Change change : changes) {
                switch (change) {
                    case Change.Written written when written.entry().key().equals(key) ->
                            see(BuildRecords.decodeState(written.entry().value()));
                    case Change.Deleted deleted when deleted.key().equals(key) -> see(null);
                    case Change.Written _, Change.Deleted _ -> {}
                }
            }
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            see(find(listing, key));
        }
    }
}
