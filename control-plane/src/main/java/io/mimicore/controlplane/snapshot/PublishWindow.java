package io.mimicore.controlplane.snapshot;

import java.time.Duration;

/// Decides when changes are published: the first after a quiet time at once, more of them together.
///
/// Not thread-safe. Times are nanoseconds of one monotonic clock.
final class PublishWindow {
    /// Changes that come within this time of each other go together.
    static final Duration QUIET = Duration.ofMillis(50);

    /// No change waits longer; also how long nothing must have happened for the next change to go
    /// at once.
    static final Duration CAP = Duration.ofMillis(500);

    private static final long NEVER = Long.MAX_VALUE;

    private boolean pending;
    private boolean atOnce;
    private boolean active;
    private long firstNanos;
    private long lastNanos;

    /// Notes a change.
    void changed(long nowNanos) {
        if (!pending) {
            pending = true;
            firstNanos = nowNanos;
            atOnce = !active || nowNanos - lastNanos >= CAP.toNanos();
        }
        active = true;
        lastNanos = nowNanos;
    }

    /// Notes that everything so far is published.
    void published(long nowNanos) {
        pending = false;
        lastNanos = nowNanos;
    }

    /// How long to wait before publishing; 0: now; `Long.MAX_VALUE`: there is nothing to publish.
    long waitNanos(long nowNanos) {
        if (!pending) {
            return NEVER;
        }
        if (atOnce) {
            return 0;
        }
        long quiet = lastNanos + QUIET.toNanos() - nowNanos;
        long cap = firstNanos + CAP.toNanos() - nowNanos;
        return Math.max(0, Math.min(quiet, cap));
    }
}
