package io.mimicore.controlplane.store.etcd;

import java.time.Duration;

/// Times of an [EtcdMetadataStore].
///
/// @param callTimeout how long one call may take with all its tries before it fails
/// @param retryMax the longest wait between two tries; waits are drawn from 0 up to a bound that
///   doubles from [#RETRY_MIN]
/// @param silenceMax how long a watch hears nothing before it asks for a sign of life, and then how
///   long it waits for one before it connects anew
public record EtcdTiming(Duration callTimeout, Duration retryMax, Duration silenceMax) {
    /// The bound of the first wait.
    static final Duration RETRY_MIN = Duration.ofMillis(100);

    /// Those of a running process.
    public static final EtcdTiming DEFAULT =
            new EtcdTiming(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10));

    public EtcdTiming {
        requirePositive("callTimeout", callTimeout);
        requirePositive("retryMax", retryMax);
        requirePositive("silenceMax", silenceMax);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
