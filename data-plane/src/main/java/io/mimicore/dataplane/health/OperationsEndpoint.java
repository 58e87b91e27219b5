package io.mimicore.dataplane.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.http.StaticAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers `/livez`, `/readyz` and `/metrics`.
///
/// - `/livez`: 200 as long as the process answers.
/// - `/readyz`: 200 when requests can be served, 503 with the reason when not.
/// - `/metrics`: Prometheus text, or OpenMetrics for a client that accepts it.
///
/// Metrics are collected off the event loop, by at most [#COLLECTIONS_MAX] requests at once; more
/// are answered with 503.
public final class OperationsEndpoint implements RequestHandler {
    private static final StaticAnswer OK = text(200, "ok\n");
    private static final StaticAnswer NOT_FOUND =
            text(404, "not found (expected: /livez, /readyz or /metrics)\n");
    private static final StaticAnswer METHOD =
            text(405, "method not allowed (expected: GET)\n", "Allow", "GET, HEAD");
    private static final StaticAnswer BUSY =
            text(503, "the metrics are being collected already\n", "Retry-After", "1");
    private static final StaticAnswer FAILED = text(500, "the metrics cannot be collected\n");
    private static final Logger log = LoggerFactory.getLogger(OperationsEndpoint.class);

    /// Requests that collect metrics at once: a scrape may have megabytes, and Prometheus comes one
    /// at a time.
    static final int COLLECTIONS_MAX = 4;

    private final Readiness readiness;
    private final PrometheusMeterRegistry registry;
    private final Executor collector;
    private final Semaphore collections = new Semaphore(COLLECTIONS_MAX);

    /// @param collector runs the collection of metrics, which may take milliseconds
    public OperationsEndpoint(
            Readiness readiness, PrometheusMeterRegistry registry, Executor collector) {
        this.readiness = requireNonNull(readiness, "readiness");
        this.registry = requireNonNull(registry, "registry");
        this.collector = requireNonNull(collector, "collector");
    }

    @Override
    public void handle(Exchange exchange) {
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            exchange.answer(METHOD);
            return;
        }
        switch (exchange.path()) {
            case "/livez" -> exchange.answer(OK);
            case "/readyz" -> answerReadiness(exchange);
            case "/metrics" -> collect(exchange);
            default -> exchange.answer(NOT_FOUND);
        }
    }

    private void answerReadiness(Exchange exchange) {
        String reason = readiness.whyNot();
        exchange.answer(reason.isEmpty() ? OK : text(503, reason + "\n"));
    }

    private void collect(Exchange exchange) {
        String accept = exchange.header("accept");
        boolean openMetrics = accept != null && accept.contains("application/openmetrics-text");
        String type =
                openMetrics
                        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                        : "text/plain; version=0.0.4; charset=utf-8";
        if (!collections.tryAcquire()) {
            exchange.answer(BUSY);
            return;
        }
        boolean handed = false;
        try {
            collector.execute(() -> collect(exchange, type));
            handed = true;
        } catch (RejectedExecutionException _) {
            exchange.answer(BUSY);
        } finally {
            if (!handed) {
                collections.release();
            }
        }
    }

    @SuppressWarnings("IllegalCatch") // the border: collectors are others' code, the client waits
    private void collect(Exchange exchange, String type) {
        try {
            String metrics = registry.scrape(type);
            exchange.execute(() -> answer(exchange, type, metrics));
        } catch (RuntimeException e) {
            log.warn("the metrics cannot be collected", e);
            exchange.execute(() -> exchange.answer(FAILED));
        } finally {
            collections.release();
        }
    }

    private static void answer(Exchange exchange, String type, String metrics) {
        Answer answer = exchange.answer(200).header("Content-Type", type);
        answer.body().writeUtf8(metrics);
        answer.send();
    }

    private static StaticAnswer text(int status, String text, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "text/plain; charset=utf-8"));
        all.addAll(List.of(headers));
        return new StaticAnswer(status, all, text.getBytes(UTF_8));
    }

    /// Whether requests can be served.
    @FunctionalInterface
    public interface Readiness {
        /// Why not; empty: they can.
        String whyNot();
    }
}
