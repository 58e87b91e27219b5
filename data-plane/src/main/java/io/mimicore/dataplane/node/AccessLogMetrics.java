package io.mimicore.dataplane.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.dataplane.accesslog.AccessLog;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// `mimicore_access_log_lines_total{outcome}`. Thread-safe.
final class AccessLogMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> meters;

    AccessLogMetrics(MeterRegistry registry, AccessLog log) {
        this.registry = registry;
        this.meters =
                List.of(
                        counter(log, "written", AccessLog::written),
                        counter(log, "dropped", AccessLog::dropped),
                        counter(log, "failed", AccessLog::failed));
    }

    private Meter counter(AccessLog log, String outcome, ToDoubleFunction<AccessLog> count) {
        return FunctionCounter.builder("mimicore_access_log_lines", log, count)
                .description(
                        "Lines of the access log: written, dropped by a full queue, or failed.")
                .tag("outcome", outcome)
                .register(registry);
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
