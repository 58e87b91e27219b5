package io.mimicore.config;

/// The limits that instances of an API's user code live under; see [io.mimicore.ir.UserCode].
///
/// @param timeoutMillis one call's deadline, 1..600_000
/// @param maxMemoryMib linear memory of one instance, in MiB, 1..2_047
/// @param minInstances instances warm before the API goes live, 0..`maxInstances`
/// @param maxInstances instances at most, 1..1_024
public record PoolLimits(int timeoutMillis, int maxMemoryMib, int minInstances, int maxInstances) {
    /// What a `user_code` without limits has.
    public static final PoolLimits DEFAULT = new PoolLimits(100, 64, 1, 16);
}
