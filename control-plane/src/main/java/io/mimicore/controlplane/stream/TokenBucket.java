package io.mimicore.controlplane.stream;

import java.util.function.LongSupplier;

/// Admits at most so much per second, with a reserve for bursts. Thread-safe, never blocks.
final class TokenBucket {
    private final double perNano;
    private final double burst;
    private final LongSupplier ticker;
    private double tokens;
    private long refilledNanos;

    /// @param perSecond tokens that come back each second, > 0
    /// @param burst tokens at most, at first too
    /// @param ticker nanoseconds that never go back
    TokenBucket(double perSecond, double burst, LongSupplier ticker) {
        this.perNano = perSecond / 1e9;
        this.burst = burst;
        this.ticker = ticker;
        this.tokens = burst;
        this.refilledNanos = ticker.getAsLong();
    }

    /// Takes `cost` tokens.
    ///
    /// @return 0 if they were there; otherwise in how many nanoseconds they will be
    synchronized long tryTake(double cost) {
        long now = ticker.getAsLong();
        tokens = Math.min(burst, tokens + (now - refilledNanos) * perNano);
        refilledNanos = now;
        if (tokens >= cost) {
            tokens -= cost;
            return 0;
        }
        return Math.max(1, (long) ((cost - tokens) / perNano));
    }
}
