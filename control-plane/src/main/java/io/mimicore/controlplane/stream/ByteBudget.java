package io.mimicore.controlplane.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The bytes that may lie in buffers of all streams together, in the order of asking. Thread-safe,
/// never blocks.
final class ByteBudget {
    private final long bytesMax;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long taken;

    ByteBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes `bytes`, if they are there and nobody waits; otherwise they are taken for the caller
    /// once others were given back, and `granted` is run then. One piece is always let through,
    /// however small the budget is.
    ///
    /// @return whether they were taken at once
    synchronized boolean tryTake(long bytes, Runnable granted) {
        if (!waiting.isEmpty() || !fits(bytes)) {
            waiting.add(new Waiting(bytes, granted));
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
        List<Runnable> granted = new ArrayList<>();
        synchronized (this) {
            taken -= bytes;
            // Only those who can go on are woken: a thousand that wait must not all wake for one.
            while (!waiting.isEmpty() && fits(waiting.getFirst().bytes())) {
                Waiting next = waiting.removeFirst();
                taken += next.bytes();
                granted.add(next.granted());
            }
        }
        // Each hands over to its session's own executor: nothing is sent here.
        granted.forEach(Runnable::run);
    }

    /// Whether somebody waits for bytes that others hold.
    synchronized boolean isWaitedFor() {
        return !waiting.isEmpty();
    }

    /// Bytes that are taken.
    synchronized long taken() {
        return taken;
    }

    private boolean fits(long bytes) {
        return taken == 0 || taken + bytes <= bytesMax;
    }

    private record Waiting(long bytes, Runnable granted) {}
}
