package io.mimicore.dataplane.upstream.proxy;

import java.time.Duration;

/// How long a proxied exchange waits while nothing moves in either direction.
///
/// | limit | default | when passed |
/// |---|---|---|
/// | `responseTimeout`, from the last byte of the request to the head of the response, and between two pieces of its body | 60 s | 504; broken off once the answer has begun |
/// | `bodyTimeout`, between two pieces of the request's body | 30 s | 408; broken off once the answer has begun |
/// | `readTimeout`, for a client to read more of the answer | 60 s | broken off |
/// | `tunnelTimeout`, between two pieces in either direction after 101 | 5 min | both connections are closed |
public record ProxyLimits(
        Duration responseTimeout,
        Duration bodyTimeout,
        Duration readTimeout,
        Duration tunnelTimeout) {
    /// The defaults of the table.
    public static final ProxyLimits DEFAULT =
            new ProxyLimits(
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(5));

    public ProxyLimits {
        require("responseTimeout", responseTimeout);
        require("bodyTimeout", bodyTimeout);
        require("readTimeout", readTimeout);
        require("tunnelTimeout", tunnelTimeout);
    }

    private static void require(String name, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: > 0)");
        }
    }
}
