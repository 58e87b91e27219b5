package io.mimicore.dataplane.spans;

import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.trace.TraceContext;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the spans of sampled requests to an OpenTelemetry collector, over OTLP/HTTP, on a thread
/// of its own.
///
/// Event loops only put finished requests into a bounded queue; what finds it full is dropped and
/// counted, and so is what the collector does not take: tracing never holds up a request.
/// Thread-safe.
///
/// @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP Specification</a>
public final class SpanExport implements AutoCloseable {
    /// Spans that wait to be sent; about 10 MB.
    static final int SPANS_MAX = 16 * 1024;

    /// Spans of one request to the collector, but for one request's own that go together.
    private static final int BATCH_SPANS = 512;

    private static final Logger log = LoggerFactory.getLogger(SpanExport.class);
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /// A retry covers what the specification calls retryable: 429, 502, 503, 504 and no connection.
    private static final RetryPolicy RETRIES =
            RetryPolicy.builder()
                    .setMaxAttempts(3)
                    .setInitialBackoff(Duration.ofMillis(200))
                    .setMaxBackoff(Duration.ofSeconds(1))
                    .setBackoffMultiplier(2)
                    .build();

    /// What a stop waits for the collector to take the last spans.
    private static final Duration LAST_SPANS = Duration.ofSeconds(3);

    /// Held, because the JVM forgets the level of a logger that nobody holds: failures are told
    /// here, once for each time they begin.
    private final java.util.logging.Logger exporterLog =
            java.util.logging.Logger.getLogger("io.opentelemetry");

    private final SpanSettings settings;
    private final SpanExporter exporter;
    private final SpanRecords records;
    private final ConcurrentLinkedQueue<RequestTrace> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder exported = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread sender;
    private volatile boolean closed;
    private boolean failing;

    private SpanExport(SpanSettings settings) {
        this.settings = settings;
        exporterLog.setLevel(Level.OFF);
        this.records = new SpanRecords(settings);
        this.exporter =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(settings.traces().toString())
                        .setConnectTimeout(CONNECT_TIMEOUT)
                        .setTimeout(TIMEOUT)
                        .setRetryPolicy(RETRIES)
                        .build();
        this.sender = Thread.ofPlatform().name("span-export").daemon().unstarted(this::send);
    }

    /// Starts to send spans; the collector need not be there.
    public static SpanExport start(SpanSettings settings) {
        var export = new SpanExport(settings);
        export.sender.start();
        return export;
    }

    /// A handler that hands its requests to another one and keeps the spans of those sampled.
    ///
    /// A request of a trace that its client has begun is sampled if the client's `traceparent` says
    /// so, any other one by the ratio of the settings.
    ///
    /// @param random draws ids; thread-safe
    public RequestHandler around(RequestHandler handler, SpanClock clock, RandomGenerator random) {
        return exchange -> {
            TraceContext caller =
                    TraceContext.parse(
                            exchange.header(TraceContext.TRACEPARENT),
                            exchange.header(TraceContext.TRACESTATE));
            if (caller != null ? caller.isSampled() : samplesNew(random)) {
                TraceContext span =
                        caller == null ? TraceContext.begin(random, true) : caller.child(random);
                handler.handle(TracedExchange.of(exchange, span, this, clock, random));
            } else {
                handler.handle(exchange);
            }
        };
    }

    /// Spans that the collector has taken.
    public long exported() {
        return exported.sum();
    }

    /// Spans that found the queue full, or were left when the time of a stop was over.
    public long dropped() {
        return dropped.sum();
    }

    /// Spans that the collector has not taken.
    public long failed() {
        return failed.sum();
    }

    /// Sends what waits, for three seconds at most, and stops.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sender);
        try {
            sender.join(LAST_SPANS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        exporter.shutdown();
        drop();
    }

    void add(RequestTrace trace) {
        int spans = trace.spans();
        if (waiting.addAndGet(spans) > SPANS_MAX || closed) {
            waiting.addAndGet(-spans);
            dropped.add(spans);
            return;
        }
        queue.add(trace);
    }

    private boolean samplesNew(RandomGenerator random) {
        double ratio = settings.ratio();
        return ratio == 1 || (ratio > 0 && random.nextDouble() < ratio);
    }

    private void send() {
        List<SpanData> batch = new ArrayList<>();
        while (true) {
            boolean last = closed;
            take(batch);
            if (!batch.isEmpty()) {
                export(batch);
            } else if (last) {
                return;
            }
            if (batch.size() < BATCH_SPANS && !closed) {
                LockSupport.parkNanos(LINGER_NANOS);
            }
        }
    }

    private void take(List<SpanData> batch) {
        batch.clear();
        while (batch.size() < BATCH_SPANS) {
            RequestTrace trace = queue.poll();
            if (trace == null) {
                return;
            }
            waiting.addAndGet(-trace.spans());
            records.addTo(batch, trace);
        }
    }

    /// The exporter keeps to its own timeout; the wait is bounded besides, so that nothing it does
    /// can hold this thread for ever.
    private void export(List<SpanData> batch) {
        CompletableResultCode result =
                exporter.export(List.copyOf(batch))
                        .join(TIMEOUT.toMillis() * 2, TimeUnit.MILLISECONDS);
        if (result.isSuccess()) {
            exported.add(batch.size());
            if (failing) {
                log.info("the collector takes spans again, {} were lost", failed.sum());
                failing = false;
            }
            return;
        }
        failed.add(batch.size());
        if (!failing) {
            Throwable why = result.getFailureThrowable();
            log.warn(
                    "{} takes no spans, they are lost: {}",
                    settings.traces(),
                    why == null ? "no answer in time" : why.toString());
            failing = true;
        }
    }

    private void drop() {
        for (RequestTrace left = queue.poll(); left != null; left = queue.poll()) {
            dropped.add(left.spans());
        }
    }
}
