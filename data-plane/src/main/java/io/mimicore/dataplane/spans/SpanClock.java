package io.mimicore.dataplane.spans;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The clocks of spans.
///
/// @param wall the time of day
/// @param nanoTime monotonic, in nanoseconds; the one of `Exchange.startNanos`
public record SpanClock(InstantSource wall, LongSupplier nanoTime) {
    public SpanClock {
        requireNonNull(wall, "wall");
        requireNonNull(nanoTime, "nanoTime");
    }
}
