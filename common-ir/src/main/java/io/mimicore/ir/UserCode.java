package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// The code an API may call, and the limits its instances live under.
///
/// @param buildKey names the build; the artifact of that build is in the snapshot's entry
/// @param functions what can be called; [Expression.Call] names them by index
/// @param timeoutMillis one call's deadline, 1..600_000
/// @param maxMemoryMib linear memory of one instance, in MiB, 1..2_047
/// @param minInstances instances warm before the snapshot goes live, 0..`maxInstances`
/// @param maxInstances instances at most, 1..1_024
public record UserCode(
        Digest buildKey,
        List<FunctionSignature> functions,
        int timeoutMillis,
        int maxMemoryMib,
        int minInstances,
        int maxInstances) {

    public UserCode {
        requireNonNull(buildKey, "buildKey");
        functions = List.copyOf(functions);
        requireRange("timeoutMillis", timeoutMillis, 1, 600_000);
        requireRange("maxMemoryMib", maxMemoryMib, 1, 2_047);
        requireRange("maxInstances", maxInstances, 1, 1_024);
        requireRange("minInstances", minInstances, 0, maxInstances);
    }

    private static void requireRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
