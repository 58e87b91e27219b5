package io.mimicore.dataplane.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.http.RecordedExchange;
import io.prometheus.metrics.model.registry.Collector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class OperationsEndpointTest {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Deque<Runnable> collections = new ArrayDeque<>();
    private String whyNot = "";
    private final OperationsEndpoint endpoint =
            new OperationsEndpoint(() -> whyNot, registry, collections::add);

    @Test
    void livez_evenWhenNotReady_isOk() {
        whyNot = "no snapshot is active";

        RecordedExchange exchange = get("/livez");

        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.bodyText()).isEqualTo("ok\n");
    }

    @Test
    void readyz_ready_isOk() {
        assertThat(get("/readyz").status()).isEqualTo(200);
    }

    @Test
    void readyz_notReady_saysWhy() {
        whyNot = "no snapshot is active";

        RecordedExchange exchange = get("/readyz");

        assertThat(exchange.status()).isEqualTo(503);
        assertThat(exchange.bodyText()).isEqualTo("no snapshot is active\n");
    }

    @Test
    void metrics_areCollectedElsewhereAndAnsweredOnTheLoop() {
        registry.counter("something").increment();
        RecordedExchange exchange = get("/metrics");
        assertThat(exchange.isAnswered()).isFalse();

        collections.remove().run();
        assertThat(exchange.isAnswered()).isFalse();
        exchange.runTasks();

        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answered("Content-Type"))
                .containsExactly("text/plain; version=0.0.4; charset=utf-8");
        assertThat(exchange.bodyText()).contains("something_total 1.0");
    }

    @Test
    void metrics_clientAcceptsOpenMetrics_getsThem() {
        RecordedExchange exchange =
                RecordedExchange.of("GET", "node", "/metrics")
                        .with(
                                "Accept",
                                "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        endpoint.handle(exchange);
        collections.remove().run();
        exchange.runTasks();

        assertThat(exchange.answered("Content-Type").getFirst())
                .startsWith("application/openmetrics-text");
        assertThat(exchange.bodyText()).endsWith("# EOF\n");
    }

    @Test
    void metrics_tooManyAtOnce_areTurnedAwayUntilOneHasEnded() {
        for (int i = 0; i < OperationsEndpoint.COLLECTIONS_MAX; i++) {
            get("/metrics");
        }

        RecordedExchange tooMuch = get("/metrics");
        assertThat(tooMuch.status()).isEqualTo(503);
        assertThat(tooMuch.answered("Retry-After")).containsExactly("1");

        collections.remove().run();
        assertThat(get("/metrics").isAnswered()).isFalse();
    }

    @Test
    void metrics_collectorFails_isAnsweredAndLeavesRoom() {
        registry.getPrometheusRegistry().register((Collector) this::brokenCollector);
        for (int i = 0; i <= OperationsEndpoint.COLLECTIONS_MAX; i++) {
            RecordedExchange exchange = get("/metrics");
            collections.remove().run();
            exchange.runTasks();

            assertThat(exchange.status()).isEqualTo(500);
            assertThat(exchange.bodyText()).doesNotContain("Exception");
        }
    }

    @Test
    void metrics_nodeStops_isTurnedAwayAndLeavesRoom() {
        var stopping =
                new OperationsEndpoint(
                        () -> "",
                        registry,
                        _ -> {
                            throw new RejectedExecutionException("shut down");
                        });
        for (int i = 0; i <= OperationsEndpoint.COLLECTIONS_MAX; i++) {
            RecordedExchange exchange = RecordedExchange.of("GET", "node", "/metrics");
            stopping.handle(exchange);
            assertThat(exchange.status()).isEqualTo(503);
        }
    }

    @Test
    void otherPath_isNotFound() {
        assertThat(get("/").status()).isEqualTo(404);
    }

    @Test
    void otherMethod_isNotAllowed() {
        RecordedExchange exchange = RecordedExchange.of("POST", "node", "/readyz");
        endpoint.handle(exchange);

        assertThat(exchange.status()).isEqualTo(405);
        assertThat(exchange.answered("Allow")).containsExactly("GET, HEAD");
    }

    @Test
    void head_isAnsweredAsGet() {
        RecordedExchange exchange = RecordedExchange.of("HEAD", "node", "/readyz");
        endpoint.handle(exchange);

        assertThat(exchange.status()).isEqualTo(200);
    }

    private RecordedExchange get(String path) {
        RecordedExchange exchange = RecordedExchange.of("GET", "node", path);
        endpoint.handle(exchange);
        return exchange;
    }

    private io.prometheus.metrics.model.snapshots.MetricSnapshot brokenCollector() {
        throw new IllegalStateException("broken collector");
    }
}
