package io.mimicore.controlplane.retention;

import java.time.Duration;

/// How much is kept that is not needed to serve.
///
/// @param versions the newest versions that are kept, 1..[#VERSIONS_MAX]; those that a channel
///   names or a node runs are kept besides
/// @param grace how long something must have been out of use before it is removed, at least
///   [#GRACE_MIN]; must be longer than compiling and publishing one file takes
public record Retention(int versions, Duration grace) {
    /// Most versions that can be kept.
    public static final int VERSIONS_MAX = 100_000;

    /// Shortest grace.
    public static final Duration GRACE_MIN = Duration.ofSeconds(1);

    /// Fifty versions, ten minutes.
    public static final Retention DEFAULT = new Retention(50, Duration.ofMinutes(10));

    /// Wrong programs whose problems are remembered.
    static final int FAILED_BUILDS_MAX = 256;

    /// How long the problems of a wrong program are remembered.
    static final Duration FAILED_BUILD_AGE = Duration.ofDays(1);

    /// How long a build may wait for a worker when nobody asks for it any more. Whoever does asks
    /// again when its record goes.
    static final Duration ABANDONED_BUILD_AGE = Duration.ofHours(1);

    /// Longest time between two passes.
    static final Duration PASS_EVERY_MAX = Duration.ofMinutes(5);

    public Retention {
        if (versions < 1 || versions > VERSIONS_MAX) {
            throw new IllegalArgumentException(
                    "versions: " + versions + " (expected: 1.." + VERSIONS_MAX + ")");
        }
        if (grace.compareTo(GRACE_MIN) < 0) {
            throw new IllegalArgumentException(
                    "grace: " + grace + " (expected: at least " + GRACE_MIN + ")");
        }
    }

    /// Time between two passes: half the grace, so that nothing stays twice as long as it says.
    Duration passEvery() {
        Duration half = grace.dividedBy(2);
        return half.compareTo(PASS_EVERY_MAX) > 0 ? PASS_EVERY_MAX : half;
    }
}
