package io.mimicore.dataplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class HttpTotalsTest {
    private final HttpMetrics metrics = new HttpMetrics();

    @Test
    void totals_sumOverApisRoutesAndWhatMatchesNone() {
        ApiMetrics a = ApiMetrics.of("a", List.of("/x", "/y"), null);
        ApiMetrics b = ApiMetrics.of("b", List.of("/x"), null);
        metrics.show(List.of(a, b));
        a.route("/x").count("GET", 200, 1);
        a.route("/y").count("GET", 500, 1);
        b.route("/x").count("POST", 503, 1);
        b.route("/x").count("POST", 499, 1);
        metrics.unmatched().count("GET", 404, 1);

        assertThat(metrics.totals()).isEqualTo(new HttpMetrics.Totals(5, 2));
    }

    @Test
    void totals_apisAndRoutesLeave_neverGoDown() {
        ApiMetrics before = ApiMetrics.of("a", List.of("/kept", "/gone"), null);
        ApiMetrics leaving = ApiMetrics.of("b", List.of("/x"), null);
        metrics.show(List.of(before, leaving));
        before.route("/kept").count("GET", 200, 1);
        before.route("/gone").count("GET", 500, 1);
        leaving.route("/x").count("GET", 502, 1);

        ApiMetrics after = ApiMetrics.of("a", List.of("/kept", "/new"), before);
        metrics.show(List.of(after));
        assertThat(metrics.totals()).isEqualTo(new HttpMetrics.Totals(3, 2));

        after.route("/kept").count("GET", 200, 1);
        metrics.show(List.of(after));
        metrics.show(List.of());
        assertThat(metrics.totals()).isEqualTo(new HttpMetrics.Totals(4, 2));
    }
}
