package io.mimicore.controlplane.store.etcd;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits between tries: each is drawn from 0 up to a bound that doubles with every failure in a
/// row, so that a thousand clients of one failed server do not come back together.
///
/// Confined to one thread; the generator may be shared.
final class FullJitter {
    private static final int DOUBLINGS_MAX = 30;

    private final RandomGenerator random;
    private final long minNanos;
    private final long maxNanos;
    private int failures;

    FullJitter(RandomGenerator random, Duration min, Duration max) {
        this.random = random;
        this.minNanos = min.toNanos();
        this.maxNanos = Math.max(minNanos, max.toNanos());
    }

    /// The wait after one more failure, in nanoseconds, 0 up to the longest.
    long nextNanos() {
        long bound = boundNanos();
        failures = Math.min(failures + 1, DOUBLINGS_MAX);
        return random.nextLong(bound + 1);
    }

    /// Something has worked for long enough: the next wait is a short one.
    void reset() {
        failures = 0;
    }

    private long boundNanos() {
        long doubled = minNanos << failures;
        return doubled <= 0 || doubled >> failures != minNanos
                ? maxNanos
                : Math.min(doubled, maxNanos);
    }
}
