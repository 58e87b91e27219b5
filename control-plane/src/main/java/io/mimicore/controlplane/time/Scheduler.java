package io.mimicore.controlplane.time;

import java.time.Duration;

/// A monotonic clock that runs things later. Thread-safe.
public interface Scheduler {
    /// Nanoseconds that never go back, from an arbitrary origin.
    long nanoTime();

    /// Runs `action` once, not before `delay` has passed. The action must not block: all actions
    /// share one thread.
    Task schedule(Duration delay, Runnable action);

    /// Something that is to be run.
    interface Task {
        /// Keeps it from being run, if it has not begun.
        void cancel();
    }
}
