package io.mimicore.dataplane.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.dataplane.transport.HttpServer;
import io.mimicore.dataplane.transport.RefusalListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// The metrics of the traffic listener: connections, event loops, and what it refuses by itself.
/// Thread-safe.
final class ListenerMetrics implements RefusalListener, AutoCloseable {
    private static final String LISTENER = "listener";
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MeterRegistry registry;
    private final String listener;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();

    /// @param listener its name, the label of all of them
    ListenerMetrics(MeterRegistry registry, String listener) {
        this.registry = registry;
        this.listener = listener;
    }

    @Override
    public void refused(int status, String reason) {
        refusals.computeIfAbsent(reason, this::refusalCounter).increment();
    }

    /// Shows what a server counts, until this is closed.
    void show(HttpServer server) {
        meters.add(
                Gauge.builder("mimicore_connections", server, HttpServer::connections)
                        .description("Client connections that are open.")
                        .tag(LISTENER, listener)
                        .register(registry));
        meters.add(
                Gauge.builder("mimicore_buffer_bytes", server, HttpServer::bufferBytes)
                        .description("Direct memory that the buffers of connections hold.")
                        .register(registry));
        meters.add(
                FunctionCounter.builder(
                                "mimicore_connections_taken", server, HttpServer::connectionsTaken)
                        .description("Client connections taken since the start.")
                        .tag(LISTENER, listener)
                        .register(registry));
        meters.add(
                FunctionCounter.builder(
                                "mimicore_connections_turned_away",
                                server,
                                HttpServer::connectionsTurnedAway)
                        .description("Client connections closed at once: there were too many.")
                        .tag(LISTENER, listener)
                        .register(registry));
        meters.add(
                Gauge.builder(
                                "mimicore_event_loop_lag_seconds",
                                server,
                                all -> all.eventLoopLagNanos() / NANOS_PER_SECOND)
                        .description("The longest delay of an event loop in the last 15 to 30 s.")
                        .tag(LISTENER, listener)
                        .register(registry));
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
        refusals.values().forEach(registry::remove);
    }

    private Counter refusalCounter(String reason) {
        return Counter.builder("mimicore_http_refused")
                .description("Requests that the transport refused by itself, by the problem.")
                .tag(LISTENER, listener)
                .tag("reason", reason)
                .register(registry);
    }
}
