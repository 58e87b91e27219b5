package io.mimicore.controlplane.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Time that stands still until the test lets it pass. Actions run on the test's thread.
public final class FakeScheduler implements Scheduler {
    private final PriorityQueue<Timed> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Timed::atNanos));
    private long nowNanos = 1_000_000_000;

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized Task schedule(Duration delay, Runnable action) {
        Timed timed = new Timed(nowNanos + delay.toNanos(), action);
        waiting.add(timed);
        return () -> remove(timed);
    }

    /// Lets time pass and runs what falls due, in order.
    public void advance(Duration time) {
        long until = nanoTime() + time.toNanos();
        Timed due = takeDue(until);
        while (due != null) {
            due.action().run();
            due = takeDue(until);
        }
        synchronized (this) {
            nowNanos = until;
        }
    }

    private synchronized @org.jspecify.annotations.Nullable Timed takeDue(long untilNanos) {
        Timed first = waiting.peek();
        if (first == null || first.atNanos() > untilNanos) {
            return null;
        }
        waiting.remove(first);
        nowNanos = Math.max(nowNanos, first.atNanos());
        return first;
    }

    private synchronized void remove(Timed timed) {
        waiting.remove(timed);
    }

    private record Timed(long atNanos, Runnable action) {}
}
