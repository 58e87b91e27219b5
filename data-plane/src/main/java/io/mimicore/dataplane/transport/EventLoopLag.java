package io.mimicore.dataplane.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.LongSupplier;

/// How late event loops come to what is due: what a task that blocks, or too little processor,
/// costs every connection of a loop. Thread-safe.
///
/// Each loop looks ten times a second; the longest of the last 15 to 30 seconds is told, so that
/// one scrape of many sees a short stall.
@SuppressWarnings("FutureReturnValueIgnored") // the task ends with the loops
final class EventLoopLag {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WINDOW_TICKS = 150;

    private final LongSupplier ticker;
    private final LongAccumulator current = new LongAccumulator(Math::max, 0);
    private volatile long previous;

    private EventLoopLag(LongSupplier ticker) {
        this.ticker = ticker;
    }

    static EventLoopLag watch(EventLoopGroup loops, LongSupplier ticker) {
        var lag = new EventLoopLag(ticker);
        boolean first = true;
        for (EventExecutor loop : loops) {
            lag.watch(loop, first);
            first = false;
        }
        return lag;
    }

    /// The longest delay lately, in nanoseconds.
    long nanosMax() {
        return Math.max(previous, current.get());
    }

    private void watch(EventExecutor loop, boolean keepsWindow) {
        var look =
                new Runnable() {
                    private long dueNanos = ticker.getAsLong() + INTERVAL_NANOS;
                    private int ticks;

                    @Override
                    public void run() {
                        long now = ticker.getAsLong();
                        current.accumulate(now - dueNanos);
                        dueNanos = now + INTERVAL_NANOS;
                        ticks++;
                        if (keepsWindow && ticks % WINDOW_TICKS == 0) {
                            previous = current.getThenReset();
                        }
                    }
                };
        loop.scheduleWithFixedDelay(look, INTERVAL_NANOS, INTERVAL_NANOS, TimeUnit.NANOSECONDS);
    }
}
