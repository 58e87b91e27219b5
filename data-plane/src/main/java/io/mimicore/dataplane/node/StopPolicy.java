package io.mimicore.dataplane.node;

import java.time.Duration;

/// How long a node takes its leave.
///
/// @param grace from "not ready" to the end of listening, so that load balancers look away first;
///   0..1 h
/// @param patience for what runs then, streams and upgraded connections included; 0..1 h
public record StopPolicy(Duration grace, Duration patience) {
    private static final Duration MAX = Duration.ofHours(1);

    /// Half a second, then ten seconds.
    public static final StopPolicy DEFAULT =
            new StopPolicy(Duration.ofMillis(500), Duration.ofSeconds(10));

    public StopPolicy {
        require("grace", grace);
        require("patience", patience);
    }

    private static void require(String name, Duration value) {
        if (value.isNegative() || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + value.toMillis() / 1000.0 + " s (expected: 0..3600)");
        }
    }
}
