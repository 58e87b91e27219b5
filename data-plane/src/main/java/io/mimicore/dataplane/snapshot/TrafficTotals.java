package io.mimicore.dataplane.snapshot;

/// What a node has counted since its start. Never goes down.
///
/// @param requests answered, refused ones included
/// @param serverErrors of them, answered with 5xx
/// @param wasmFailures calls of user code that failed, other than by a wrong argument
public record TrafficTotals(long requests, long serverErrors, long wasmFailures) {
    /// Nothing counted.
    public static final TrafficTotals NONE = new TrafficTotals(0, 0, 0);
}
