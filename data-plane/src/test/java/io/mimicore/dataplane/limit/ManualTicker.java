package io.mimicore.dataplane.limit;

import java.util.concurrent.atomic.AtomicLong;

/// A clock that only the test moves.
public final class ManualTicker implements Ticker {
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public long nanos() {
        return nanos.get();
    }

    public void advance(long moreNanos) {
        nanos.addAndGet(moreNanos);
    }

    public void advanceMillis(long millis) {
        advance(millis * 1_000_000);
    }
}
