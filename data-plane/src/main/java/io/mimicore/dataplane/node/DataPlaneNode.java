package io.mimicore.dataplane.node;

import static java.util.Objects.requireNonNull;

import io.grpc.Channel;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.health.OperationsEndpoint;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.pipeline.PipelineSettings;
import io.mimicore.dataplane.pipeline.RequestPipeline;
import io.mimicore.dataplane.snapshot.SnapshotClient;
import io.mimicore.dataplane.snapshot.SnapshotClients;
import io.mimicore.dataplane.transport.HttpServer;
import io.mimicore.dataplane.wasm.WasmCodePools;
import io.mimicore.signing.TrustedKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A data-plane node: serves traffic by the snapshot it has, and keeps that current.
///
/// Serves as soon as it is started if its disk holds a snapshot, whatever else is dead.
public final class DataPlaneNode implements AutoCloseable {
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final ActiveSnapshot active;
    private final HttpServer traffic;
    private final HttpServer operations;
    private final SnapshotClient snapshots;
    private final WasmCodePools pools;
    private final ExecutorService collector;

    private DataPlaneNode(Builder builder) throws IOException, InterruptedException {
        this.pools =
                WasmCodePools.start(
                        WasmCodePools.Settings.ofThisMachine(
                                InstantSource.system(), System::nanoTime),
                        builder.registry);
        this.collector = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());
        HttpMetrics metrics = new HttpMetrics();
        this.active = new ActiveSnapshot(metrics);
        builder.registry.getPrometheusRegistry().register(metrics);
        Gauge.builder("mimicore_snapshot_version", this, DataPlaneNode::version)
                .description("The version that this node serves.")
                .register(builder.registry);
        SnapshotLinker linker = new SnapshotLinker(pools, System::nanoTime);
        this.snapshots =
                SnapshotClients.create(
                        builder.state,
                        builder.trusted,
                        new SnapshotClient.Identity(
                                builder.nodeId,
                                Long.toHexString(RandomGenerator.getDefault().nextLong()),
                                builder.build),
                        builder.channel,
                        new SnapshotClients.Serving(linker, active));
        snapshots.loadFromDisk();
        RequestPipeline pipeline =
                new RequestPipeline(
                        active,
                        metrics,
                        PipelineSettings.DEFAULT,
                        System::nanoTime,
                        () -> ThreadLocalRandom.current().nextLong());
        this.traffic =
                HttpServer.builder(pipeline)
                        .address(builder.trafficAddress)
                        .name("traffic")
                        .onRefused(status -> metrics.unmatched().count("other", status, 0))
                        .start();
        this.operations = startOperations(builder);
        snapshots.follow();
    }

    private HttpServer startOperations(Builder builder) throws IOException {
        OperationsEndpoint endpoint =
                new OperationsEndpoint(this::whyNotReady, builder.registry, collector);
        try {
            return HttpServer.builder(endpoint)
                    .address(builder.metricsAddress)
                    .name("operations")
                    .threads(1)
                    .start();
        } catch (IOException e) {
            traffic.close(Duration.ZERO);
            throw e;
        }
    }

    /// Starts to describe a node.
    public static Builder builder() {
        return new Builder();
    }

    /// Where traffic is served.
    public InetSocketAddress trafficAddress() {
        return traffic.address();
    }

    /// Where metrics and health are served.
    public InetSocketAddress metricsAddress() {
        return operations.address();
    }

    /// Why it is not ready; empty: it is.
    public String whyNotReady() {
        return active.current() == null
                ? "no snapshot is active: the disk holds none and the control plane has sent none yet"
                : "";
    }

    /// The version that is served; 0: none.
    public long version() {
        PreparedSnapshot current = active.current();
        return current == null ? 0 : current.version();
    }

    /// Lets running requests end, then stops.
    @Override
    public void close() {
        snapshots.close();
        traffic.close(DRAIN);
        operations.close(Duration.ofSeconds(1));
        active.clear();
        pools.close();
        collector.shutdownNow();
    }

    /// Describes a node.
    @SuppressWarnings("NullAway.Init") // build() requires what has no default
    public static final class Builder {
        private String nodeId = "node";
        private String build = "dev";
        private InetSocketAddress trafficAddress = new InetSocketAddress("0.0.0.0", 8080);
        private InetSocketAddress metricsAddress = new InetSocketAddress("0.0.0.0", 9090);
        private Path state;
        private TrustedKey trusted;
        private Supplier<Channel> channel;
        private PrometheusMeterRegistry registry;

        private Builder() {}

        /// The node's name in the fleet.
        public Builder nodeId(String id) {
            nodeId = requireNonNull(id, "id");
            return this;
        }

        /// This program's version.
        public Builder build(String version) {
            build = requireNonNull(version, "version");
            return this;
        }

        /// Where traffic is served; port 0 takes a free one.
        public Builder trafficAddress(InetSocketAddress address) {
            trafficAddress = requireNonNull(address, "address");
            return this;
        }

        /// Where metrics and health are served; port 0 takes a free one.
        public Builder metricsAddress(InetSocketAddress address) {
            metricsAddress = requireNonNull(address, "address");
            return this;
        }

        /// Where snapshots and artifacts are kept.
        public Builder state(Path directory) {
            state = requireNonNull(directory, "directory");
            return this;
        }

        /// Whose signatures count.
        public Builder trusted(TrustedKey key) {
            trusted = requireNonNull(key, "key");
            return this;
        }

        /// Gives a channel to a control plane, for each stream anew.
        public Builder channel(Supplier<Channel> source) {
            channel = requireNonNull(source, "source");
            return this;
        }

        /// Takes the node's metrics.
        public Builder registry(PrometheusMeterRegistry metrics) {
            registry = requireNonNull(metrics, "metrics");
            return this;
        }

        /// Starts the node; what the disk holds is served when this returns.
        ///
        /// @throws IOException if a port cannot be had; nothing is left behind
        public DataPlaneNode start() throws IOException, InterruptedException {
            requireNonNull(state, "state");
            requireNonNull(trusted, "trusted");
            requireNonNull(channel, "channel");
            requireNonNull(registry, "registry");
            return new DataPlaneNode(this);
        }
    }
}
