package io.mimicore.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Waits until something holds that another thread or process brings about.
public final class Eventually {
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private Eventually() {}

    /// Runs `check` again and again until it passes; its last failure is thrown after `patience`.
    public static void eventually(Duration patience, Check check) {
        eventuallyGet(
                patience,
                () -> {
                    check.run();
                    return true;
                });
    }

    /// Like [#eventually], and gives the value of the passing run.
    @SuppressWarnings("IllegalCatch") // whatever a check throws means "not yet"
    public static <T> T eventuallyGet(Duration patience, Callable<T> check) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return check.call();
            } catch (AssertionError | Exception e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("not within " + patience + ": " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /// A check that may throw anything.
    @FunctionalInterface
    public interface Check {
        /// Returns when it holds, throws when not.
        void run() throws Exception;
    }
}
