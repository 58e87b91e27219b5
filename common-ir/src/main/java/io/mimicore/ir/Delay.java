package io.mimicore.ir;

/// A wait before the response: `fixedMillis` plus a uniform 0..`jitterMillis`, in milliseconds.
public record Delay(int fixedMillis, int jitterMillis) {
    /// Longest fixed or random part, in milliseconds.
    public static final int MILLIS_MAX = 600_000;

    public Delay {
        if (fixedMillis < 0 || fixedMillis > MILLIS_MAX) {
            throw new IllegalArgumentException(
                    "fixedMillis: " + fixedMillis + " (expected: 0..600000)");
        }
        if (jitterMillis < 0 || jitterMillis > MILLIS_MAX) {
            throw new IllegalArgumentException(
                    "jitterMillis: " + jitterMillis + " (expected: 0..600000)");
        }
    }
}
