package io.mimicore.dataplane.transport;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// What one client may ask of a listener.
///
/// | limit | default | when passed |
/// |---|---|---|
/// | `requestLineBytesMax` | 8 KiB | 414 |
/// | `headerBytesMax`, all header lines together | 32 KiB | 431 |
/// | `headersMax` | 100 | 431 |
/// | `connectionsMax` | 20 000 | the connection is closed |
/// | `headTimeout`, first byte (or connection) to end of head | 10 s | 408, closed |
/// | `bodyIdleTimeout`, between two pieces of a body | 30 s | 408, closed |
/// | `idleTimeout`, between requests | 5 min | closed |
public record TransportLimits(
        int requestLineBytesMax,
        int headerBytesMax,
        int headersMax,
        int connectionsMax,
        Duration headTimeout,
        Duration bodyIdleTimeout,
        Duration idleTimeout) {
    /// The defaults of the table.
    public static final TransportLimits DEFAULT =
            new TransportLimits(
                    8 * 1024,
                    32 * 1024,
                    100,
                    20_000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5));

    public TransportLimits {
        requirePositive("requestLineBytesMax", requestLineBytesMax);
        requirePositive("headerBytesMax", headerBytesMax);
        requirePositive("headersMax", headersMax);
        requirePositive("connectionsMax", connectionsMax);
        requireNonNull(headTimeout, "headTimeout");
        requireNonNull(bodyIdleTimeout, "bodyIdleTimeout");
        requireNonNull(idleTimeout, "idleTimeout");
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
