package io.mimicore.dataplane.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.dataplane.spans.SpanExport;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// `mimicore_spans_total{outcome}`. Thread-safe.
final class SpanMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> meters;

    SpanMetrics(MeterRegistry registry, SpanExport export) {
        this.registry = registry;
        this.meters =
                List.of(
                        counter(export, "exported", SpanExport::exported),
                        counter(export, "dropped", SpanExport::dropped),
                        counter(export, "failed", SpanExport::failed));
    }

    private Meter counter(SpanExport export, String outcome, ToDoubleFunction<SpanExport> count) {
        return FunctionCounter.builder("mimicore_spans", export, count)
                .description("Spans: taken by the collector, dropped by a full queue, or refused.")
                .tag("outcome", outcome)
                .register(registry);
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
