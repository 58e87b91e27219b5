package io.mimicore.dataplane.node;

import static java.util.Objects.requireNonNull;

import io.grpc.Channel;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.accesslog.AccessLog;
import io.mimicore.dataplane.accesslog.LoggedClock;
import io.mimicore.dataplane.health.OperationsEndpoint;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.pipeline.PipelineSettings;
import io.mimicore.dataplane.pipeline.RequestPipeline;
import io.mimicore.dataplane.snapshot.ControlPlanes;
import io.mimicore.dataplane.snapshot.NodeIdentity;
import io.mimicore.dataplane.snapshot.NodeSignals;
import io.mimicore.dataplane.snapshot.SnapshotClient;
import io.mimicore.dataplane.snapshot.SnapshotClients;
import io.mimicore.dataplane.spans.SpanClock;
import io.mimicore.dataplane.spans.SpanExport;
import io.mimicore.dataplane.transport.BufferMemory;
import io.mimicore.dataplane.transport.EventLoops;
import io.mimicore.dataplane.transport.HttpServer;
import io.mimicore.dataplane.transport.RefusalListener;
import io.mimicore.dataplane.upstream.UpstreamClient;
import io.mimicore.dataplane.upstream.UpstreamLimits;
import io.mimicore.dataplane.upstream.UpstreamTrust;
import io.mimicore.dataplane.upstream.proxy.ProxyClient;
import io.mimicore.dataplane.upstream.proxy.ProxyLimits;
import io.mimicore.dataplane.upstream.proxy.TrustedProxies;
import io.mimicore.dataplane.wasm.WasmCodePools;
import io.mimicore.signing.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A data-plane node: serves traffic by the snapshot it has, and keeps that current.
///
/// Serves as soon as it is started if its disk holds a snapshot, whatever else is dead. Health is
/// answered first, then the disk is read, then traffic is taken, then the control plane is asked.
/// Thread-safe.
public final class DataPlaneNode implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataPlaneNode.class);
    private static final Duration OPERATIONS_DRAIN = Duration.ofSeconds(1);

    private final ActiveSnapshot active;
    private final HttpMetrics http = new HttpMetrics();
    private final WasmCodePools pools;
    private final EventLoops loops = EventLoops.start("traffic");
    private final UpstreamClient upstreams;
    private final NodeMetrics metrics;
    private final SnapshotClient snapshots;
    private final ExecutorService collector =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());
    private @Nullable HttpServer operations;
    private @Nullable HttpServer traffic;
    private volatile boolean loaded;
    private final ListenerMetrics listener;
    private final BufferMetrics buffers;
    private final @Nullable AccessLog accessLog;
    private final @Nullable AccessLogMetrics accessLogMetrics;
    private final @Nullable SpanExport spans;
    private final @Nullable SpanMetrics spanMetrics;
    private final StopPolicy stop;
    private final AtomicLong stopsAtNanos = new AtomicLong();
    private volatile boolean stopping;

    private DataPlaneNode(Builder builder) {
        this.stop = builder.stop;
        this.upstreams =
                UpstreamClient.start(loops, UpstreamLimits.ofThisMachine(), builder.upstreamTrust);
        this.listener = new ListenerMetrics(builder.registry, "traffic");
        this.buffers = new BufferMetrics(builder.registry, BufferMemory.ofThisProcess());
        this.accessLog = builder.accessLog;
        this.accessLogMetrics =
                accessLog == null ? null : new AccessLogMetrics(builder.registry, accessLog);
        this.spans = builder.spans;
        this.spanMetrics = spans == null ? null : new SpanMetrics(builder.registry, spans);
        this.active = new ActiveSnapshot(http);
        this.pools =
                WasmCodePools.start(
                        WasmCodePools.Settings.ofThisMachine(
                                InstantSource.system(), System::nanoTime),
                        builder.registry);
        this.metrics =
                new NodeMetrics(
                        builder.registry,
                        new NodeMetrics.Counts(http, pools::failures, upstreams.counts()),
                        active,
                        DataPlaneNode::version);
        this.snapshots =
                SnapshotClients.create(
                        new SnapshotClients.Home(builder.state, builder.trusted),
                        new NodeIdentity(
                                builder.nodeId,
                                Long.toHexString(RandomGenerator.getDefault().nextLong()),
                                builder.build,
                                builder.labels,
                                builder.cluster),
                        new ControlPlanes(builder.controlPlanes),
                        new SnapshotClients.Serving(
                                new SnapshotLinker(
                                        pools,
                                        System::nanoTime,
                                        upstreams,
                                        new ProxyClient(
                                                upstreams,
                                                ProxyLimits.DEFAULT,
                                                builder.trustedProxies)),
                                active),
                        new NodeSignals(metrics::totals, metrics::applied, this::drained));
    }

    private static DataPlaneNode start(Builder builder) throws IOException, InterruptedException {
        DataPlaneNode node = new DataPlaneNode(builder);
        boolean started = false;
        try {
            node.open(builder);
            started = true;
            return node;
        } finally {
            if (!started) {
                node.close();
            }
        }
    }

    private void open(Builder builder) throws IOException, InterruptedException {
        OperationsEndpoint endpoint =
                new OperationsEndpoint(this::whyNotReady, builder.registry, collector);
        operations =
                HttpServer.builder(endpoint)
                        .address(builder.metricsAddress)
                        .name("operations")
                        .threads(1)
                        .start();
        snapshots.loadFromDisk();
        RequestPipeline pipeline =
                new RequestPipeline(
                        active,
                        http,
                        PipelineSettings.DEFAULT,
                        System::nanoTime,
                        () -> ThreadLocalRandom.current().nextLong());
        traffic =
                HttpServer.builder(traced(logged(pipeline)))
                        .address(builder.trafficAddress)
                        .loops(loops)
                        .onRefused(refusals())
                        .start();
        listener.show(traffic);
        loaded = true;
        snapshots.follow();
    }

    private RequestHandler logged(RequestPipeline pipeline) {
        if (accessLog == null) {
            return pipeline;
        }
        return accessLog.around(
                pipeline,
                new LoggedClock(InstantSource.system(), System::nanoTime),
                () -> ThreadLocalRandom.current().nextLong());
    }

    /// Around the log, which names the trace.
    private RequestHandler traced(RequestHandler handler) {
        if (spans == null) {
            return handler;
        }
        return spans.around(
                handler,
                new SpanClock(InstantSource.system(), System::nanoTime),
                () -> ThreadLocalRandom.current().nextLong());
    }

    private RefusalListener refusals() {
        return new RefusalListener() {
            @Override
            public void refused(int status, String reason) {
                listener.refused(status, reason);
            }

            @Override
            public void unhandled(int status) {
                // A request with a handler is counted with its route.
                http.unmatched().count("other", status, 0);
            }
        };
    }

    /// Starts to describe a node.
    public static Builder builder() {
        return new Builder();
    }

    /// Where traffic is served.
    public InetSocketAddress trafficAddress() {
        return requireNonNull(traffic, "traffic").address();
    }

    /// Where metrics and health are served.
    public InetSocketAddress metricsAddress() {
        return requireNonNull(operations, "operations").address();
    }

    /// Why it is not ready; empty: it is.
    ///
    /// A snapshot without any API may be all there is, or what is left of a mistake: it counts once
    /// a control plane has confirmed it.
    public String whyNotReady() {
        if (stopping) {
            return "the node stops";
        }
        if (snapshots.isDraining()) {
            return "the control plane has this node drained";
        }
        if (!loaded) {
            return "the node starts";
        }
        PreparedSnapshot current = active.current();
        if (current == null) {
            return "no snapshot is active: the disk holds none that can be served, and the control"
                    + " plane has sent none yet";
        }
        if (current.size() == 0 && !snapshots.isConfirmed()) {
            return "the snapshot on disk holds no API, and no control plane has confirmed it yet";
        }
        return "";
    }

    /// The version that is served; 0: none.
    public long version() {
        return version(active);
    }

    /// Says that a control plane is there: a node that waits for its next try does not wait on.
    public void connectNow() {
        snapshots.connectNow();
    }

    /// Says from now on that it is not ready, and serves on. [#close] waits out the rest of the
    /// grace.
    public synchronized void announceStop() {
        if (!stopping) {
            stopsAtNanos.set(System.nanoTime() + stop.grace().toNanos());
            stopping = true;
        }
    }

    /// As in a stop, load balancers first have the grace to see that the node is not ready.
    private synchronized void drained(boolean order) {
        HttpServer serving = traffic;
        if (serving != null && order) {
            serving.sendClientsAway(stop.grace());
        } else if (serving != null) {
            serving.keepClients();
        }
    }

    /// Stops as its [StopPolicy] says, and leaves nothing behind.
    @Override
    public void close() {
        announceStop();
        // First, because it notes on disk that the end of the process is no crash.
        snapshots.close();
        HttpServer serving = traffic;
        if (serving != null) {
            awaitGrace();
            log.info(
                    "traffic stops: {} connections, running requests have {} ms",
                    serving.connections(),
                    stop.patience().toMillis());
            int cut = serving.close(stop.patience());
            if (cut > 0) {
                log.warn(
                        "traffic stopped: {} connections were cut after {} ms",
                        cut,
                        stop.patience().toMillis());
            } else {
                log.info("traffic stopped: every request was answered");
            }
        }
        if (operations != null) {
            operations.close(OPERATIONS_DRAIN);
        }
        active.clear();
        upstreams.close();
        loops.close();
        pools.close();
        collector.shutdownNow();
        if (accessLogMetrics != null) {
            accessLogMetrics.close();
        }
        if (spanMetrics != null) {
            spanMetrics.close();
        }
        listener.close();
        buffers.close();
        metrics.close();
    }

    private void awaitGrace() {
        long left = stopsAtNanos.get() - System.nanoTime();
        if (left > 0) {
            log.info("stopping: not ready any more, serving for {} ms more", left / 1_000_000);
        }
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = stopsAtNanos.get() - System.nanoTime();
        }
    }

    private static long version(ActiveSnapshot active) {
        PreparedSnapshot current = active.current();
        return current == null ? 0 : current.version();
    }

    /// Describes a node.
    @SuppressWarnings("NullAway.Init") // build() requires what has no default
    public static final class Builder {
        private String nodeId = "node";
        private String build = "dev";
        private String cluster = "";
        private final Map<String, String> labels = new HashMap<>();
        private InetSocketAddress trafficAddress = new InetSocketAddress("0.0.0.0", 8080);
        private InetSocketAddress metricsAddress = new InetSocketAddress("0.0.0.0", 9090);
        private Path state;
        private Trust trusted;
        private final List<ControlPlanes.Link> controlPlanes = new ArrayList<>();
        private PrometheusMeterRegistry registry;
        private StopPolicy stop = StopPolicy.DEFAULT;
        private @Nullable AccessLog accessLog;
        private @Nullable SpanExport spans;
        private UpstreamTrust upstreamTrust = UpstreamTrust.ofThisMachine();
        private TrustedProxies trustedProxies = TrustedProxies.NONE;

        private Builder() {}

        /// The node's name in the fleet.
        public Builder nodeId(String id) {
            nodeId = requireNonNull(id, "id");
            return this;
        }

        /// The cluster it belongs to: control planes of another refuse it. Empty, the default:
        /// whichever takes it.
        public Builder cluster(String name) {
            cluster = requireNonNull(name, "name");
            return this;
        }

        /// This program's version.
        public Builder build(String version) {
            build = requireNonNull(version, "version");
            return this;
        }

        /// Adds a label, by which rollouts choose nodes.
        public Builder label(String name, String value) {
            labels.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
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
        public Builder trusted(Trust key) {
            trusted = requireNonNull(key, "key");
            return this;
        }

        /// Adds a control plane; the node follows one of them at a time, and tries them in turn. At
        /// least one is required.
        ///
        /// @param address `host:port` as control planes name each other, by which one of them can
        ///   send the node to another; empty: none can send it here
        /// @param channel to it, asked for each stream and each artifact anew
        public Builder controlPlane(String address, Supplier<Channel> channel) {
            controlPlanes.add(new ControlPlanes.Link(address, channel));
            return this;
        }

        /// Takes the node's metrics.
        public Builder registry(PrometheusMeterRegistry metrics) {
            registry = requireNonNull(metrics, "metrics");
            return this;
        }

        /// How long it takes its leave.
        public Builder stop(StopPolicy policy) {
            stop = requireNonNull(policy, "policy");
            return this;
        }

        /// Logs requests; the log is closed by whoever made it.
        public Builder accessLog(AccessLog log) {
            accessLog = requireNonNull(log, "log");
            return this;
        }

        /// Sends spans; closed by whoever made it.
        public Builder spans(SpanExport export) {
            spans = requireNonNull(export, "export");
            return this;
        }

        /// How TLS upstreams are checked.
        public Builder upstreamTrust(UpstreamTrust trust) {
            upstreamTrust = requireNonNull(trust, "trust");
            return this;
        }

        /// Who is believed about where a request comes from.
        public Builder trustedProxies(TrustedProxies proxies) {
            trustedProxies = requireNonNull(proxies, "proxies");
            return this;
        }

        /// Starts the node; what the disk holds is served when this returns.
        ///
        /// @throws IOException if a port cannot be had; nothing is left behind
        public DataPlaneNode start() throws IOException, InterruptedException {
            requireNonNull(state, "state");
            requireNonNull(trusted, "trusted");
            requireNonNull(registry, "registry");
            return DataPlaneNode.start(this);
        }
    }
}
