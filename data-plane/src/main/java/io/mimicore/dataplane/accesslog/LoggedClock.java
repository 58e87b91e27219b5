package io.mimicore.dataplane.accesslog;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The clocks of the access log.
///
/// @param wall the time of day
/// @param nanoTime monotonic, in nanoseconds; the one of `Exchange.startNanos`
public record LoggedClock(InstantSource wall, LongSupplier nanoTime) {
    public LoggedClock {
        requireNonNull(wall, "wall");
        requireNonNull(nanoTime, "nanoTime");
    }
}
