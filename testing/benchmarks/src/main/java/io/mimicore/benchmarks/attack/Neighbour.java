package io.mimicore.benchmarks.attack;

import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Requests at a fixed rate for an API that is not attacked. Thread-safe.
///
/// A response's time counts from when its request was due, so that no pause hides between two
/// requests.
final class Neighbour implements AutoCloseable {
    private final InetSocketAddress address;
    private final Question question;
    private final long stepNanos;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong failures = new AtomicLong();
    private final Object lock = new Object();

    /// Response times in nanoseconds since the last look. Under the lock.
    private List<Long> nanos = new ArrayList<>();

    private volatile boolean stopped;

    /// What is asked for, and what the whole answer must be.
    record Question(RawRequest request, String body) {}

    /// What the response times of one window were, in nanoseconds.
    record Window(long median, long p99, int count) {}

    private Neighbour(InetSocketAddress address, Question question, Duration step) {
        this.address = address;
        this.question = question;
        this.stepNanos = step.toNanos();
    }

    /// Starts to ask.
    ///
    /// @param step the time between two requests of one connection
    static Neighbour start(
            InetSocketAddress address, Question question, int connections, Duration step) {
        var neighbour = new Neighbour(address, question, step);
        long begin = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            long first = begin + i * neighbour.stepNanos / connections;
            neighbour.threads.add(
                    Thread.ofPlatform().daemon().unstarted(() -> neighbour.run(first)));
        }
        neighbour.threads.forEach(Thread::start);
        return neighbour;
    }

    /// The responses that came since the last call.
    Window take() {
        List<Long> taken;
        synchronized (lock) {
            taken = nanos;
            nanos = new ArrayList<>();
        }
        if (taken.isEmpty()) {
            throw new IllegalStateException("responses: none (expected: some)");
        }
        long[] sorted = taken.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Window(
                sorted[sorted.length / 2],
                sorted[(int) Math.ceil(0.99 * sorted.length) - 1],
                sorted.length);
    }

    /// Wrong answers and broken connections.
    long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(long firstNanos) {
        long due = firstNanos;
        while (!stopped) {
            try (RawConnection connection = RawConnection.open(address)) {
                while (!stopped) {
                    awaitTime(due);
                    if (!connection.send(question.request()).body().equals(question.body())) {
                        failures.incrementAndGet();
                    }
                    long took = System.nanoTime() - due;
                    synchronized (lock) {
                        nanos.add(took);
                    }
                    due += stepNanos;
                }
            } catch (UncheckedIOException _) {
                failures.incrementAndGet();
                due += stepNanos;
            }
        }
    }

    private static void awaitTime(long dueNanos) {
        for (long left = dueNanos - System.nanoTime();
                left > 0;
                left = dueNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
