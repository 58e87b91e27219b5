package io.mimicore.controlplane.stream;

import java.util.function.LongSupplier;

/// Admits at most so much per second, with a reserve for bursts. Thread-safe, never blocks.
///
/// Whoever is turned away is told a time of its own: the times of a crowd that comes at once are as
/// far apart as the rate lets it in, so that it does not come back at once.
final class TokenBucket {
    private final double perNano;
    private final double burst;
    private final LongSupplier ticker;
    private double tokens;
    private long refilledNanos;
    private long givenOutNanos;

    /// @param perSecond tokens that come back each second, > 0
    /// @param burst tokens at most, at first too
    /// @param ticker nanoseconds that never go back
    TokenBucket(double perSecond, double burst, LongSupplier ticker) {
        this.perNano = perSecond / 1e9;
        this.burst = burst;
        this.ticker = ticker;
        this.tokens = burst;
        this.refilledNanos = ticker.getAsLong();
        this.givenOutNanos = refilledNanos;
    }

    /// Takes `cost` tokens.
    ///
    /// @return 0 if they were there; otherwise in how many nanoseconds to ask again: they are there
    ///   by then if only those ask who were told to
    synchronized long tryTake(double cost) {
        long now = ticker.getAsLong();
        tokens = Math.min(burst, tokens + (now - refilledNanos) * perNano);
        refilledNanos = now;
        if (tokens >= cost) {
            tokens -= cost;
            return 0;
        }
        long there = now + (long) ((cost - tokens) / perNano);
        long behindOthers = givenOutNanos + (long) (cost / perNano);
        givenOutNanos = behindOthers - there > 0 ? behindOthers : there;
        return Math.max(1, givenOutNanos - now);
    }
}
