package io.mimicore.dataplane.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/// The series of calls to upstreams, as a Prometheus registry wants them.
final class UpstreamSeries {
    private static final String REQUESTS = "mimicore_upstream_requests";
    private static final String DURATION = "mimicore_upstream_duration_seconds";

    private UpstreamSeries() {}

    static CounterSnapshot requests(List<CallMetrics> calls) {
        CounterSnapshot.Builder counters =
                CounterSnapshot.builder().name(REQUESTS).help("Calls to upstreams that ended.");
        for (CallMetrics call : calls) {
            for (CallOutcome outcome : CallOutcome.values()) {
                long count = call.count(outcome);
                if (count > 0) {
                    Labels labels =
                            Labels.of(
                                    "api", call.api(),
                                    "call", call.call(),
                                    "outcome", outcome.label());
                    counters.dataPoint(
                            CounterDataPointSnapshot.builder()
                                    .labels(labels)
                                    .value((double) count)
                                    .build());
                }
            }
        }
        return counters.build();
    }

    static HistogramSnapshot durations(List<CallMetrics> calls) {
        HistogramSnapshot.Builder histograms =
                HistogramSnapshot.builder()
                        .name(DURATION)
                        .help("Seconds from the start of a call to its end.");
        double[] bounds = RouteMetrics.boundsSeconds();
        for (CallMetrics call : calls) {
            RouteMetrics.Durations durations = call.recordedDurations();
            if (durations != null) {
                histograms.dataPoint(
                        HistogramDataPointSnapshot.builder()
                                .labels(Labels.of("api", call.api(), "call", call.call()))
                                .classicHistogramBuckets(
                                        ClassicHistogramBuckets.of(bounds, durations.counts()))
                                .sum(durations.sumSeconds())
                                .build());
            }
        }
        return histograms.build();
    }
}
