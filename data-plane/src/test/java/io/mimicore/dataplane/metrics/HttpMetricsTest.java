package io.mimicore.dataplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpMetricsTest {
    private final HttpMetrics metrics = new HttpMetrics();
    private final PrometheusMeterRegistry registry = registry();

    @Test
    void scrape_answers_areCountedAndTimed() {
        ApiMetrics api = ApiMetrics.of("shop", List.of("/a", "/b"), null);
        metrics.show(List.of(api));
        api.route("/a").count("GET", 200, 100_000);
        api.route("/a").count("GET", 200, 100_001);
        api.route("/a").count("GET", 404, 20_000_000_000L);
        api.route("/a").count("BREW", 200, 1);
        api.route("/a").count("STEEP", 200, 1);
        api.countRateLimited();
        metrics.unmatched().count("GET", 404, 1);

        assertThat(registry.scrape())
                .contains(
                        "mimicore_http_requests_total{api=\"shop\",method=\"GET\",route=\"/a\",status=\"200\"} 2.0",
                        "mimicore_http_requests_total{api=\"shop\",method=\"GET\",route=\"/a\",status=\"404\"} 1.0",
                        "mimicore_http_requests_total{api=\"shop\",method=\"other\",route=\"/a\",status=\"200\"} 2.0",
                        "mimicore_http_requests_total{api=\"\",method=\"GET\",route=\"\",status=\"404\"} 1.0",
                        "mimicore_http_request_duration_seconds_bucket{api=\"shop\",route=\"/a\",le=\"1.0E-4\"} 3",
                        "mimicore_http_request_duration_seconds_bucket{api=\"shop\",route=\"/a\",le=\"2.5E-4\"} 4",
                        "mimicore_http_request_duration_seconds_bucket{api=\"shop\",route=\"/a\",le=\"10.0\"} 4",
                        "mimicore_http_request_duration_seconds_bucket{api=\"shop\",route=\"/a\",le=\"+Inf\"} 5",
                        "mimicore_http_request_duration_seconds_count{api=\"shop\",route=\"/a\"} 5",
                        "mimicore_rate_limited_total{api=\"shop\"} 1.0")
                .doesNotContain("route=\"/b\"");
    }

    @Test
    void show_otherApis_dropsTheSeriesOfThoseGone() {
        ApiMetrics gone = ApiMetrics.of("gone", List.of("/a"), null);
        gone.route("/a").count("GET", 200, 1);
        metrics.show(List.of(gone));
        assertThat(registry.scrape()).contains("api=\"gone\"");

        metrics.show(List.of(ApiMetrics.of("next", List.of("/a"), null)));

        assertThat(registry.scrape()).doesNotContain("api=\"gone\"");
    }

    @Test
    void of_previousVersion_keepsTheCountersOfItsRoutes() {
        ApiMetrics before = ApiMetrics.of("a", List.of("/a", "/b"), null);
        before.countRateLimited();
        ApiMetrics after = ApiMetrics.of("a", List.of("/b", "/c", "/b"), before);

        assertThat(after.route("/b")).isSameAs(before.route("/b"));
        assertThat(after.rateLimited()).isEqualTo(1);
    }

    private PrometheusMeterRegistry registry() {
        var made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        made.getPrometheusRegistry().register(metrics);
        return made;
    }
}
