package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.Authority;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the operator why upstreams cannot be reached, at most once a second. Thread-safe.
final class DialLog {
    private static final Logger log = LoggerFactory.getLogger(DialLog.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier ticker;
    private final AtomicLong nextNanos;

    DialLog(LongSupplier ticker) {
        this.ticker = ticker;
        this.nextNanos = new AtomicLong(ticker.getAsLong());
    }

    void dialFailed(Authority authority, Throwable cause) {
        long now = ticker.getAsLong();
        long next = nextNanos.get();
        if (now - next >= 0 && nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
            log.warn(
                    "upstream cannot be reached upstream={} cause={}", authority, cause.toString());
        }
    }
}
