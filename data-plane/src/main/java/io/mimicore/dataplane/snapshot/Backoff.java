package io.mimicore.dataplane.snapshot;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next stream, with full jitter: nodes that lost the same control
/// plane do not come back together.
///
/// Only a stream that held for a while ends the growth; the first message proves nothing, as a
/// control plane that is overloaded or restarts in a loop sends one too. Confined to the client's
/// thread.
final class Backoff {
    /// How long a stream must have been up to count as stable.
    static final Duration STABLE = Duration.ofSeconds(60);

    /// The longest wait after one failure.
    static final Duration FIRST_MAX = Duration.ofMillis(200);

    /// The longest wait after many.
    static final Duration MAX = Duration.ofSeconds(10);

    private static final int DOUBLINGS_MAX = 16;

    private final RandomGenerator random;
    private int failures;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /// The wait after a stream has ended, in nanoseconds.
    ///
    /// @param upNanos how long it was up; 0: it never was
    /// @param atLeastNanos what the control plane asked for; 0: nothing
    long nextNanos(long upNanos, long atLeastNanos) {
        if (upNanos >= STABLE.toNanos()) {
            failures = 0;
        }
        long max =
                Math.min(MAX.toNanos(), FIRST_MAX.toNanos() << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        return atLeastNanos + random.nextLong(max + 1);
    }
}
