package io.mimicore.dataplane.link;

import io.mimicore.dataplane.metrics.HttpMetrics;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Holds the snapshot that serves. Thread-safe.
///
/// A request reads the reference once and keeps what it read. One that will call user code retains
/// it too; when that fails, the snapshot has been swapped out in between, and the request reads
/// again.
public final class ActiveSnapshot {
    private final HttpMetrics metrics;
    private final AtomicReference<@Nullable PreparedSnapshot> current = new AtomicReference<>();

    /// @param metrics shows the counters of the snapshot that serves
    public ActiveSnapshot(HttpMetrics metrics) {
        this.metrics = metrics;
    }

    /// The snapshot that serves, or `null` before the first one. Not retained.
    public @Nullable PreparedSnapshot current() {
        return current.get();
    }

    /// Lets another snapshot serve from now on, and releases the one before.
    ///
    /// @param next the caller's hold of it passes over
    public void swap(PreparedSnapshot next) {
        // Swap before releasing: from here on nobody finds the old one who could still retain it.
        PreparedSnapshot before = current.getAndSet(next);
        metrics.show(next.metrics());
        if (before != null) {
            before.release();
        }
    }

    /// Stops serving and releases the snapshot.
    public void clear() {
        PreparedSnapshot before = current.getAndSet(null);
        metrics.show(List.of());
        if (before != null) {
            before.release();
        }
    }
}
