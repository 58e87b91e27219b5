package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// What a client asks of the node around it, and tells it. Both are called on the client's threads.
///
/// @param traffic what the node has counted since its start
/// @param applied takes the nanoseconds that preparing and activating a version took together
public record NodeSignals(Supplier<TrafficTotals> traffic, LongConsumer applied) {
    public NodeSignals {
        requireNonNull(traffic, "traffic");
        requireNonNull(applied, "applied");
    }
}
