package io.mimicore.dataplane.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.http.StaticAnswer;
import java.util.List;
import java.util.concurrent.Executor;

/// Answers `/livez`, `/readyz` and `/metrics`.
///
/// - `/livez`: 200 as long as the process answers.
/// - `/readyz`: 200 when requests can be served, 503 with the reason when not.
/// - `/metrics`: Prometheus text, or OpenMetrics for a client that accepts it.
///
/// Metrics are collected off the event loop.
public final class OperationsEndpoint implements RequestHandler {
    private static final StaticAnswer OK = text(200, "ok\n");
    private static final StaticAnswer NOT_FOUND =
            text(404, "not found (expected: /livez, /readyz or /metrics)\n");
    private static final StaticAnswer METHOD = text(405, "method not allowed (expected: GET)\n");

    private final Readiness readiness;
    private final PrometheusMeterRegistry registry;
    private final Executor collector;

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
        collector.execute(
                () -> {
                    String metrics = registry.scrape(type);
                    exchange.execute(() -> answer(exchange, type, metrics));
                });
    }

    private static void answer(Exchange exchange, String type, String metrics) {
        Answer answer = exchange.answer(200).header("Content-Type", type);
        answer.body().writeUtf8(metrics);
        answer.send();
    }

    private static StaticAnswer text(int status, String text) {
        return new StaticAnswer(
                status, List.of("Content-Type", "text/plain; charset=utf-8"), text.getBytes(UTF_8));
    }

    /// Whether requests can be served.
    @FunctionalInterface
    public interface Readiness {
        /// Why not; empty: they can.
        String whyNot();
    }
}
