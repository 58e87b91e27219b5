package io.mimicore.dataplane.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The node's metrics about HTTP requests, for a Prometheus registry to collect.
///
/// The series are those of the APIs that are live, and one without names for requests that match no
/// API or route; so their number is bounded by what is configured. Counters are found when a
/// snapshot is linked, never while a request is served. Thread-safe.
///
/// - `mimicore_http_requests_total{api,route,method,status}`; status 499: the client went away
/// - `mimicore_http_request_duration_seconds{api,route}`
/// - `mimicore_rate_limited_total{api}`
/// - `mimicore_upstream_requests_total{api,call,outcome}`, see [CallOutcome]
/// - `mimicore_upstream_duration_seconds{api,call}`
public final class HttpMetrics implements MultiCollector {
    /// Whether requests and calls are counted. Off only to measure what counting costs, by `./dev
    /// bench metrics`: a node that counts nothing cannot be operated.
    public static final boolean COUNTS =
            !"off".equals(System.getProperty("mimicore.benchmark.metrics"));

    private static final String REQUESTS = "mimicore_http_requests";
    private static final String DURATION = "mimicore_http_request_duration_seconds";
    private static final String RATE_LIMITED = "mimicore_rate_limited";

    private final RouteMetrics unmatched = new RouteMetrics("", "");
    private volatile List<ApiMetrics> live = List.of();
    private Totals departed = new Totals(0, 0);

    /// What all APIs and routes have counted together, since the start; those that are not live any
    /// more included, but for requests that were under way when they left.
    ///
    /// @param serverErrors answers with 5xx
    public record Totals(long requests, long serverErrors) {
        private Totals plus(RouteMetrics route) {
            long all = requests;
            long failed = serverErrors;
            for (RouteMetrics.Cell cell : route.cells()) {
                long count = cell.count().sum();
                all += count;
                failed += cell.status() >= 500 ? count : 0;
            }
            return new Totals(all, failed);
        }
    }

    /// Where requests are counted that match no API or no route.
    public RouteMetrics unmatched() {
        return unmatched;
    }

    /// Shows the counters of these APIs from now on, and no others.
    public synchronized void show(List<ApiMetrics> apis) {
        Map<String, ApiMetrics> next = HashMap.newHashMap(apis.size());
        apis.forEach(api -> next.put(api.api(), api));
        Totals gone = departed;
        for (ApiMetrics before : live) {
            ApiMetrics after = next.get(before.api());
            if (after != before) {
                for (RouteMetrics route : before.routes()) {
                    gone = after != null && after.counts(route) ? gone : gone.plus(route);
                }
            }
        }
        departed = gone;
        live = List.copyOf(apis);
    }

    /// The sums of everything counted. Costs a walk over all counters.
    public synchronized Totals totals() {
        Totals totals = departed.plus(unmatched);
        for (ApiMetrics api : live) {
            for (RouteMetrics route : api.routes()) {
                totals = totals.plus(route);
            }
        }
        return totals;
    }

    @Override
    public MetricSnapshots collect() {
        List<RouteMetrics> routes = new ArrayList<>();
        routes.add(unmatched);
        List<ApiMetrics> apis = live;
        apis.forEach(api -> api.routes().forEach(routes::add));
        List<CallMetrics> calls = new ArrayList<>();
        apis.forEach(api -> api.calls().forEach(calls::add));
        return new MetricSnapshots(
                requests(routes),
                durations(routes),
                rateLimited(apis),
                UpstreamSeries.requests(calls),
                UpstreamSeries.durations(calls));
    }

    private static CounterSnapshot requests(List<RouteMetrics> routes) {
        CounterSnapshot.Builder counters =
                CounterSnapshot.builder().name(REQUESTS).help("Answered requests.");
        for (RouteMetrics route : routes) {
            for (RouteMetrics.Cell cell : route.cells()) {
                Labels labels =
                        Labels.of(
                                "api", route.api(),
                                "route", route.route(),
                                "method", cell.method(),
                                "status", Integer.toString(cell.status()));
                counters.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .labels(labels)
                                .value((double) cell.count().sum())
                                .build());
            }
        }
        return counters.build();
    }

    private static HistogramSnapshot durations(List<RouteMetrics> routes) {
        HistogramSnapshot.Builder histograms =
                HistogramSnapshot.builder()
                        .name(DURATION)
                        .help("Seconds from the complete head of a request to its answer.");
        double[] bounds = RouteMetrics.boundsSeconds();
        for (RouteMetrics route : routes) {
            RouteMetrics.Durations durations = route.recordedDurations();
            if (durations != null) {
                histograms.dataPoint(
                        HistogramDataPointSnapshot.builder()
                                .labels(Labels.of("api", route.api(), "route", route.route()))
                                .classicHistogramBuckets(
                                        ClassicHistogramBuckets.of(bounds, durations.counts()))
                                .sum(durations.sumSeconds())
                                .build());
            }
        }
        return histograms.build();
    }

    private static CounterSnapshot rateLimited(List<ApiMetrics> apis) {
        CounterSnapshot.Builder counters =
                CounterSnapshot.builder()
                        .name(RATE_LIMITED)
                        .help("Requests turned away by an API's rate limit.");
        for (ApiMetrics api : apis) {
            if (api.rateLimited() > 0) {
                counters.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .labels(Labels.of("api", api.api()))
                                .value((double) api.rateLimited())
                                .build());
            }
        }
        return counters.build();
    }
}
