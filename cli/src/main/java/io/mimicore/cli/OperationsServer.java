package io.mimicore.cli;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.health.OperationsEndpoint;
import io.mimicore.dataplane.transport.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// `/metrics`, `/livez` and `/readyz` of a role that is no node. Thread-safe.
///
/// It is up before anything else, and says what is waited for.
final class OperationsServer implements AutoCloseable {
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final ExecutorService collector =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());
    private final HttpServer server;
    private volatile String whyNotReady = "the process starts";

    private OperationsServer(int port, PrometheusMeterRegistry registry) throws IOException {
        var endpoint = new OperationsEndpoint(() -> whyNotReady, registry, collector);
        server =
                HttpServer.builder(endpoint)
                        .address(new InetSocketAddress(port))
                        .name("operations")
                        .threads(1)
                        .start();
    }

    /// Starts to listen on every address; port 0 takes a free one.
    static OperationsServer start(int port, PrometheusMeterRegistry registry) throws IOException {
        try {
            return new OperationsServer(port, registry);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + ": choose another with --metrics-port", e);
        }
    }

    /// Says from now on why requests cannot be served; empty: they can.
    void whyNotReady(String reason) {
        whyNotReady = reason;
    }

    /// Its part of the ready line.
    String listeners() {
        return "metrics=http://" + GrpcTransport.shown(server.address());
    }

    @Override
    public void close() {
        server.close(DRAIN);
        collector.shutdownNow();
    }
}
