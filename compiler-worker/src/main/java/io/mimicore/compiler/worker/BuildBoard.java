package io.mimicore.compiler.worker;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which builds are to be had, as a watch of the store tells; hands them to build threads.
///
/// A key is open while its state is QUEUED or RUNNING and it has no owner. One that this worker
/// could not do waits here until its time has come, while other workers may take it at once.
///
/// Thread-safe.
final class BuildBoard implements MetadataStore.WatchListener {
    private static final Logger log = LoggerFactory.getLogger(BuildBoard.class);

    private final StoreKeys keys;
    private final LongSupplier ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final SequencedSet<Digest> waiting = new LinkedHashSet<>();
    private final Set<Digest> owned = new HashSet<>();
    private final Set<Digest> taken = new HashSet<>();
    private final Map<Digest, Long> notBeforeNanos = new HashMap<>();
    private final Map<Digest, Long> openSinceNanos = new HashMap<>();
    private boolean closed;

    BuildBoard(StoreKeys keys, LongSupplier ticker) {
        this.keys = keys;
        this.ticker = ticker;
    }

    /// Waits for a build that is to be had and takes it off the board until [#giveBack].
    ///
    /// @return absent: the board was closed
    @Nullable Digest take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = ticker.getAsLong();
                long untilNextNanos = Long.MAX_VALUE;
                for (Digest key : waiting) {
                    if (owned.contains(key) || taken.contains(key)) {
                        continue;
                    }
                    long left = notBeforeNanos.getOrDefault(key, now) - now;
                    if (left <= 0) {
                        taken.add(key);
                        return key;
                    }
                    untilNextNanos = Math.min(untilNextNanos, left);
                }
                if (untilNextNanos == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    long _ = changed.awaitNanos(untilNextNanos);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// Ends what [#take] began.
    ///
    /// @param pauseNanos how long this worker leaves the key alone; 0: as long as it likes
    void giveBack(Digest key, long pauseNanos) {
        lock.lock();
        try {
            taken.remove(key);
            if (pauseNanos > 0) {
                notBeforeNanos.put(key, ticker.getAsLong() + pauseNanos);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// For how long a key has been to be had, in nanoseconds.
    long openForNanos(Digest key) {
        lock.lock();
        try {
            long now = ticker.getAsLong();
            return now - openSinceNanos.getOrDefault(key, now);
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Lets all threads in [#take] go.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void changed(List<Change> changes) {
        lock.lock();
        try {
            for (Change change : changes) {
                switch (change) {
                    case Change.Written written -> written(written.entry());
                    case Change.Deleted deleted -> deleted(deleted.key());
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void resync(MetadataStore.Listing listing) {
        lock.lock();
        try {
            waiting.clear();
            owned.clear();
            listing.entries().forEach(this::written);
            notBeforeNanos.keySet().retainAll(waiting);
            openSinceNanos.keySet().retainAll(waiting);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void written(MetadataStore.Entry entry) {
        Digest key = keys.buildKey(entry.key());
        if (key == null) {
            return;
        }
        if (entry.key().equals(keys.buildOwner(key))) {
            owned.add(key);
        } else if (entry.key().equals(keys.buildState(key))) {
            if (isOpen(entry)) {
                waiting.add(key);
                openSinceNanos.putIfAbsent(key, ticker.getAsLong());
            } else {
                forget(key);
            }
        }
    }

    private void deleted(String name) {
        Digest key = keys.buildKey(name);
        if (key == null) {
            return;
        }
        if (name.equals(keys.buildOwner(key))) {
            owned.remove(key);
            if (waiting.contains(key)) {
                openSinceNanos.put(key, ticker.getAsLong());
            }
        } else if (name.equals(keys.buildState(key))) {
            forget(key);
        }
    }

    private void forget(Digest key) {
        waiting.remove(key);
        notBeforeNanos.remove(key);
        openSinceNanos.remove(key);
    }

    private static boolean isOpen(MetadataStore.Entry entry) {
        try {
            return switch (BuildRecords.decodeState(entry.value())) {
                case BuildState.Queued _, BuildState.Running _ -> true;
                case BuildState.Done _, BuildState.Failed _ -> false;
            };
        } catch (StoreException e) {
            log.warn("{} is no build state and is left alone", entry.key(), e);
            return false;
        }
    }
}
