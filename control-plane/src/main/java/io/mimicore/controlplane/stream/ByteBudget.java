package io.mimicore.controlplane.stream;

import java.util.ArrayDeque;
import java.util.Deque;

/// The bytes that may lie in buffers of all streams together. Thread-safe, never blocks.
final class ByteBudget {
    private final long bytesMax;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private long taken;

    ByteBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes `bytes`, if they are there; otherwise `retry` is run once some were given back. One
    /// chunk is always let through, however small the budget is.
    ///
    /// @return whether they were taken
    synchronized boolean tryTake(long bytes, Runnable retry) {
        if (taken > 0 && taken + bytes > bytesMax) {
            waiting.add(retry);
            return false;
        }
        taken += bytes;
        return true;
    }

    /// Gives bytes back.
    void giveBack(long bytes) {
        if (bytes == 0) {
            return;
        }
        Deque<Runnable> woken;
        synchronized (this) {
            taken -= bytes;
            woken = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        // Each hands over to its session's own executor: nothing is sent here.
        woken.forEach(Runnable::run);
    }

    /// Bytes that are taken.
    synchronized long taken() {
        return taken;
    }
}
