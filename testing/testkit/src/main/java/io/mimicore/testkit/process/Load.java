package io.mimicore.testkit.process;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Connections that ask for the same thing all the time while a test changes what is served.
///
/// Every response is counted by what distinguishes it; a connection that ends, or cannot be made,
/// is a failure and is made again. Thread-safe.
public final class Load implements AutoCloseable {
    /// Leaves the processor to the program that is tested: about 300 requests a second for each
    /// connection.
    private static final Duration PACE = Duration.ofMillis(3);

    private static final int FAILURES_MAX = 100;

    private final InetSocketAddress address;
    private final RawRequest request;
    private final long paceNanos;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Sample, Long> samples = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean stopped;

    private Load(InetSocketAddress address, RawRequest request, Duration pace) {
        this.address = address;
        this.request = request;
        this.paceNanos = pace.toNanos();
    }

    /// What one response was: two are the same if all of this is.
    ///
    /// @param version the snapshot that answered; 0 when it did not say
    /// @param etag the header `ETag`; empty when there was none
    public record Sample(int status, long version, String etag, String body) {
        static Sample of(RawResponse response) {
            return new Sample(
                    response.status(),
                    response.version(),
                    response.header("ETag"),
                    response.body());
        }
    }

    /// Starts to send this request over so many connections.
    public static Load start(InetSocketAddress address, RawRequest request, int connections) {
        return start(address, request, connections, PACE);
    }

    /// Starts to send this request over so many connections, each of which pauses for `pace` after
    /// each response.
    public static Load start(
            InetSocketAddress address, RawRequest request, int connections, Duration pace) {
        var load = new Load(address, request, pace);
        for (int i = 0; i < connections; i++) {
            load.threads.add(Thread.ofVirtual().name("load-" + i).start(load::run));
        }
        return load;
    }

    /// What came back so far, with how often, in the order of first appearance.
    public Map<Sample, Long> samples() {
        lock.lock();
        try {
            return new LinkedHashMap<>(samples);
        } finally {
            lock.unlock();
        }
    }

    /// Connections that broke so far, the first 100.
    public List<String> failures() {
        lock.lock();
        try {
            return List.copyOf(failures);
        } finally {
            lock.unlock();
        }
    }

    /// How many responses came back so far.
    public long count() {
        return samples().values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        finish();
    }

    /// Stops sending and waits for the last responses.
    public void finish() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofMinutes(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopped) {
            try (RawConnection connection = RawConnection.open(address)) {
                while (!stopped) {
                    add(Sample.of(connection.send(request)));
                    LockSupport.parkNanos(paceNanos);
                }
            } catch (UncheckedIOException e) {
                add(String.valueOf(e.getMessage()));
                LockSupport.parkNanos(paceNanos);
            }
        }
    }

    private void add(Sample sample) {
        lock.lock();
        try {
            samples.merge(sample, 1L, Long::sum);
        } finally {
            lock.unlock();
        }
    }

    private void add(String failure) {
        lock.lock();
        try {
            if (failures.size() < FAILURES_MAX) {
                failures.add(failure);
            }
        } finally {
            lock.unlock();
        }
    }
}
