package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// What a client asks of the node around it, and tells it. All are called on the client's threads
/// and must not block.
///
/// @param traffic what the node has counted since its start
/// @param applied takes the nanoseconds that preparing and activating a version took together
/// @param drained takes whether the node is to take no more traffic, when that changes
public record NodeSignals(
        Supplier<TrafficTotals> traffic, LongConsumer applied, Consumer<Boolean> drained) {
    public NodeSignals {
        requireNonNull(traffic, "traffic");
        requireNonNull(applied, "applied");
        requireNonNull(drained, "drained");
    }
}
