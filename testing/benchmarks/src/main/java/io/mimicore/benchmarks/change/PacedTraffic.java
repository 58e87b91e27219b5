package io.mimicore.benchmarks.change;

import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Requests at a fixed rate over a few connections. Thread-safe.
///
/// A response's time counts from when its request was due, so that a request which waits behind a
/// late one is late as well, and no pause hides between two requests.
final class PacedTraffic implements AutoCloseable {
    private final InetSocketAddress address;
    private final RawRequest request;
    private final String body;
    private final long stepNanos;
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    /// What is asked for, and what the whole answer must be.
    record Question(InetSocketAddress address, RawRequest request, String body) {}

    private PacedTraffic(Question question, long stepNanos) {
        this.address = question.address();
        this.request = question.request();
        this.body = question.body();
        this.stepNanos = stepNanos;
    }

    /// Starts to ask.
    ///
    /// @param step the time between two requests of one connection
    static PacedTraffic start(Question question, int connections, Duration step) {
        var traffic = new PacedTraffic(question, step.toNanos());
        long begin = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            long first = begin + i * traffic.stepNanos / connections;
            Thread thread = Thread.ofPlatform().daemon().unstarted(() -> traffic.run(first));
            traffic.threads.add(thread);
        }
        traffic.threads.forEach(Thread::start);
        return traffic;
    }

    /// The longest time of a response since the last call, in nanoseconds.
    long takeLongestNanos() {
        return longestNanos.getAndSet(0);
    }

    long answers() {
        return answers.get();
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
                    boolean right = connection.send(request).body().equals(body);
                    long took = System.nanoTime() - due;
                    longestNanos.accumulateAndGet(took, Math::max);
                    (right ? answers : failures).incrementAndGet();
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
