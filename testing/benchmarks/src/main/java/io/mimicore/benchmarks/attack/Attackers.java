package io.mimicore.benchmarks.attack;

import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Connections that send attacks one after the other, each as soon as the one before was answered.
/// Thread-safe.
final class Attackers implements AutoCloseable {
    private final InetSocketAddress address;
    private final List<RawRequest> attacks;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean stopped;

    private Attackers(InetSocketAddress address, List<RawRequest> attacks) {
        this.address = address;
        this.attacks = attacks;
    }

    /// Starts to attack, in turns with each of `attacks`.
    static Attackers start(InetSocketAddress address, List<RawRequest> attacks, int connections) {
        var attackers = new Attackers(address, attacks);
        for (int i = 0; i < connections; i++) {
            int first = i;
            attackers.threads.add(
                    Thread.ofPlatform().daemon().unstarted(() -> attackers.run(first)));
        }
        attackers.threads.forEach(Thread::start);
        return attackers;
    }

    /// Attacks that ran.
    long answers() {
        return answers.get();
    }

    /// Attacks that found no instance free.
    long refused() {
        return refused.get();
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

    private void run(int first) {
        int next = first;
        while (!stopped) {
            try (RawConnection connection = RawConnection.open(address)) {
                while (!stopped) {
                    int status = connection.send(attacks.get(next % attacks.size())).status();
                    (status == 503 ? refused : answers).incrementAndGet();
                    next++;
                }
            } catch (UncheckedIOException e) {
                throw new IllegalStateException("the node broke a connection", e);
            }
        }
    }
}
