package io.mimicore.dataplane.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.snapshot.TrafficTotals;
import io.mimicore.dataplane.upstream.UpstreamCounts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/// The metrics of a node as a whole, and the totals that it reports to the control plane.
///
/// - `mimicore_snapshot_version`
/// - `mimicore_snapshot_apply_seconds`: preparing and activating together
/// - `mimicore_upstream_connections`, `mimicore_upstream_dials_total`, `mimicore_upstream_waiting`,
///   `mimicore_upstream_buffered_bytes`
///
/// Thread-safe.
final class NodeMetrics implements AutoCloseable {
    private static final Duration[] APPLY_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(120)
    };

    private final PrometheusMeterRegistry registry;
    private final HttpMetrics http;
    private final LongSupplier codeFailures;
    private final Timer apply;
    private final List<Meter> meters;

    /// Where the node's parts count.
    ///
    /// @param codeFailures gives how many calls of user code have failed by its fault
    record Counts(HttpMetrics http, LongSupplier codeFailures, UpstreamCounts upstreams) {}

    /// @param version gives the version that `node` serves
    <T> NodeMetrics(
            PrometheusMeterRegistry registry, Counts counts, T node, ToLongFunction<T> version) {
        this.registry = registry;
        this.http = counts.http();
        this.codeFailures = counts.codeFailures();
        UpstreamCounts upstreams = counts.upstreams();
        registry.getPrometheusRegistry().register(http);
        Gauge served =
                Gauge.builder("mimicore_snapshot_version", node, version::applyAsLong)
                        .description("The version that this node serves.")
                        .register(registry);
        this.apply =
                Timer.builder("mimicore_snapshot_apply_seconds")
                        .description(
                                "Seconds from a whole offer to its activation, waits excluded.")
                        .serviceLevelObjectives(APPLY_BUCKETS)
                        .register(registry);
        Gauge connections =
                Gauge.builder(
                                "mimicore_upstream_connections",
                                upstreams,
                                it -> it.connections().sum())
                        .description("Connections to upstreams, in use and idle.")
                        .register(registry);
        Gauge waiting =
                Gauge.builder("mimicore_upstream_waiting", upstreams, it -> it.waiting().sum())
                        .description("Calls that wait for a connection to an upstream.")
                        .register(registry);
        Gauge buffered =
                Gauge.builder(
                                "mimicore_upstream_buffered_bytes",
                                upstreams,
                                it -> it.bufferedBytes().get())
                        .description("Bytes of responses of upstreams that are being read.")
                        .register(registry);
        this.meters =
                List.of(
                        served,
                        apply,
                        connections,
                        waiting,
                        buffered,
                        dials(upstreams, "opened", UpstreamCounts::opened),
                        dials(upstreams, "failed", UpstreamCounts::failed));
    }

    private Meter dials(
            UpstreamCounts upstreams, String outcome, Function<UpstreamCounts, LongAdder> count) {
        return FunctionCounter.builder(
                        "mimicore_upstream_dials", upstreams, it -> count.apply(it).sum())
                .description("Attempts to connect to upstreams.")
                .tag("outcome", outcome)
                .register(registry);
    }

    /// A version has been prepared and activated.
    void applied(long nanos) {
        apply.record(nanos, TimeUnit.NANOSECONDS);
    }

    /// What the node has counted so far. Walks over all counters: not for every request.
    TrafficTotals totals() {
        HttpMetrics.Totals answers = http.totals();
        return new TrafficTotals(
                answers.requests(), answers.serverErrors(), codeFailures.getAsLong());
    }

    /// Takes the metrics out of the registry.
    @Override
    public void close() {
        meters.forEach(registry::remove);
        registry.getPrometheusRegistry().unregister(http);
    }
}
