package io.mimicore.dataplane.pipeline;

import io.mimicore.dataplane.metrics.HttpMetrics;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.HashMap;
import java.util.Map;

/// Reads counters as a registry would.
final class Counters {
    private Counters() {}

    /// Answered requests by `api route method status`.
    static Map<String, Double> requests(HttpMetrics metrics) {
        Map<String, Double> counts = new HashMap<>();
        for (MetricSnapshot metric : metrics.collect()) {
            if (metric instanceof CounterSnapshot counter
                    && metric.getMetadata().getName().equals("mimicore_http_requests")) {
                counter.getDataPoints()
                        .forEach(point -> {
                            var labels = point.getLabels();
                            String key =
                                    labels.get("api")
                                            + " "
                                            + labels.get("route")
                                            + " "
                                            + labels.get("method")
                                            + " "
                                            + labels.get("status");
                            counts.put(key, point.getValue());
                        });
            }
        }
        return counts;
    }
}
