package io.mimicore.dataplane.accesslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.http.RequestHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one line of JSON for each request, or for a sample of them, on a thread of its own.
///
/// Event loops only put entries into a bounded queue; an entry that finds it full is dropped and
/// counted. A file that cannot be written, on a full disk for instance, costs lines and nothing
/// else: it is opened anew every second. Thread-safe.
public final class AccessLog implements AutoCloseable {
    /// Entries that wait to be written. At 100 000 requests a second that is a third of a second,
    /// and about 15 MB.
    static final int ENTRIES_MAX = 32 * 1024;

    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long REOPEN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BATCH_CHARS = 64 * 1024;
    private static final Duration LAST_LINES = Duration.ofSeconds(2);

    private final Target target;
    private final double sample;
    private final ConcurrentLinkedQueue<AccessEntry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread writer;
    private volatile boolean reopen;
    private volatile boolean closed;
    private @Nullable OutputStream out;
    private boolean failing;

    private AccessLog(Target target, double sample) {
        this.target = requireNonNull(target, "target");
        if (!(sample >= 0 && sample <= 1)) {
            throw new IllegalArgumentException("sample: " + sample + " (expected: 0..1)");
        }
        this.sample = sample;
        this.writer = Thread.ofPlatform().name("access-log").daemon().unstarted(this::write);
    }

    /// Where lines go.
    @FunctionalInterface
    public interface Target {
        /// Opens it, behind what is there.
        OutputStream open() throws IOException;

        /// A file, which is made if it is not there.
        static Target file(Path path) {
            return () ->
                    Files.newOutputStream(
                            path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /// Starts to write to a target.
    ///
    /// @param sample the share of requests that is logged, 0..1; those answered with 5xx always are
    /// @throws IOException if the target cannot be opened
    public static AccessLog start(Target target, double sample) throws IOException {
        var accessLog = new AccessLog(target, sample);
        accessLog.out = target.open();
        accessLog.writer.start();
        return accessLog;
    }

    /// A handler that hands its requests to another one and logs them when they end.
    ///
    /// @param random draws the sample; thread-safe
    public RequestHandler around(
            RequestHandler handler, LoggedClock clock, RandomGenerator random) {
        return exchange -> handler.handle(LoggedExchange.of(exchange, this, clock, random));
    }

    /// Opens the target anew: after a file has been moved away, lines go to a new one.
    public void reopen() {
        reopen = true;
    }

    /// Lines written since the start.
    public long written() {
        return written.sum();
    }

    /// Entries that found the queue full since the start.
    public long dropped() {
        return dropped.sum();
    }

    /// Lines lost since the start because the target could not be written.
    public long failed() {
        return failed.sum();
    }

    /// Writes what waits, for two seconds at most, and closes the target.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(LAST_LINES);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    boolean takes(int status, RandomGenerator random) {
        return status >= 500 || sample == 1 || (sample > 0 && random.nextDouble() < sample);
    }

    void add(AccessEntry entry) {
        if (waiting.incrementAndGet() > ENTRIES_MAX) {
            waiting.decrementAndGet();
            dropped.increment();
            return;
        }
        queue.add(entry);
    }

    private void write() {
        var lines = new StringBuilder();
        while (true) {
            boolean last = closed;
            int count = take(lines);
            if (count > 0) {
                writeBatch(lines, count);
            } else if (last) {
                closeTarget();
                return;
            } else {
                LockSupport.parkNanos(IDLE_NANOS);
            }
        }
    }

    private int take(StringBuilder lines) {
        lines.setLength(0);
        int count = 0;
        while (lines.length() < BATCH_CHARS) {
            AccessEntry entry = queue.poll();
            if (entry == null) {
                return count;
            }
            waiting.decrementAndGet();
            AccessLine.append(lines, entry);
            count++;
        }
        return count;
    }

    private void writeBatch(StringBuilder lines, int count) {
        try {
            if (reopen) {
                reopen = false;
                closeTarget();
            }
            OutputStream stream = out;
            if (stream == null) {
                stream = target.open();
                out = stream;
            }
            stream.write(lines.toString().getBytes(UTF_8));
            stream.flush();
            written.add(count);
            if (failing) {
                log.info("the access log is written again, {} lines were lost", failed.sum());
                failing = false;
            }
        } catch (IOException e) {
            failed.add(count);
            if (!failing) {
                log.warn("the access log cannot be written, lines are lost: {}", e.toString());
                failing = true;
            }
            closeTarget();
            LockSupport.parkNanos(REOPEN_NANOS);
        }
    }

    private void closeTarget() {
        OutputStream stream = out;
        out = null;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                log.debug("the access log cannot be closed", e);
            }
        }
    }
}
