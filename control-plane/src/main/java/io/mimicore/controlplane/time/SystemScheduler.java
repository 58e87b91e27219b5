package io.mimicore.controlplane.time;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scheduler of a running process: `System.nanoTime` and one daemon thread.
public final class SystemScheduler implements Scheduler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SystemScheduler.class);

    private final ScheduledThreadPoolExecutor executor;

    private SystemScheduler(ScheduledThreadPoolExecutor executor) {
        this.executor = executor;
    }

    /// Starts one.
    public static SystemScheduler start() {
        var executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("control-plane-timer").factory());
        executor.setRemoveOnCancelPolicy(true);
        return new SystemScheduler(executor);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    @SuppressWarnings(
            "IllegalCatch") // one action's defect must not be lost in a future nobody reads
    public Task schedule(Duration delay, Runnable action) {
        Runnable guarded =
                () -> {
                    try {
                        action.run();
                    } catch (RuntimeException e) {
                        log.error("a timed action failed", e);
                    }
                };
        try {
            var future = executor.schedule(guarded, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException _) {
            // Closed: nothing is run any more.
            return () -> {};
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
