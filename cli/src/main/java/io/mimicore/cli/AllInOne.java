package io.mimicore.cli;

import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.worker.CompilerWorker;
import io.mimicore.controlplane.ControlPlane;
import io.mimicore.controlplane.catalog.FirstPublish;
import io.mimicore.controlplane.retention.Retention;
import io.mimicore.dataplane.accesslog.AccessLog;
import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.dataplane.node.StopPolicy;
import io.mimicore.dataplane.spans.SpanExport;
import io.mimicore.dataplane.transport.PortUnavailableException;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All roles in one process, joined by the same contracts as a fleet: the node speaks the snapshot
/// stream to the control plane over gRPC's in-process transport, and the worker takes builds from
/// the store.
///
/// The node comes first: what its disk holds is served while everything else starts.
final class AllInOne implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AllInOne.class);
    private static final Duration FIRST_PUBLISH = Duration.ofMinutes(10);

    // The only worker is in this process and registers before anything is asked of it.
    private static final Duration WORKER_PATIENCE = Duration.ofSeconds(2);
    private static final Duration ACTIVATION = Duration.ofSeconds(60);
    private static final Duration LAST_ORDERS = Duration.ofSeconds(1);
    private static final Duration STORE_RETRY = Duration.ofMillis(500);

    /// Ports; 0 takes a free one.
    record Ports(int traffic, int metrics, int stream, int admin) {}

    /// What to run.
    record Settings(
            List<Path> configs,
            Path state,
            MetadataOptions metadata,
            Ports ports,
            String cluster,
            String nodeId,
            Retention retention,
            StopPolicy stop,
            AccessLogOptions accessLog,
            SpanOptions spans,
            UpstreamOptions upstreams) {}

    // Closed in the opposite order of their start.
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Settings settings;
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Server> servers = new ArrayList<>();
    private DataPlaneNode node;
    private Server streamServer;
    private Server adminServer;
    private int apis;

    @SuppressWarnings("NullAway.Init") // start() fills the parts before anyone sees the object
    private AllInOne(Settings settings) {
        this.settings = settings;
    }

    /// Starts everything and waits until the configs are served.
    ///
    /// @throws CommandFailure with what to do; nothing is left running
    static AllInOne start(Settings settings, PrintWriter err) throws InterruptedException {
        AllInOne process = new AllInOne(settings);
        boolean started = false;
        try {
            process.startParts(new Console(err));
            started = true;
            return process;
        } catch (IOException | StoreException e) {
            throw new CommandFailure(ExitCode.REFUSED, String.valueOf(e.getMessage()), e);
        } finally {
            if (!started) {
                process.close();
            }
        }
    }

    private void startParts(Console console) throws IOException, InterruptedException {
        StateDirectory state = keep(StateDirectory.open(settings.state()));
        keep(ProcessMetrics.bind(registry));
        ClusterKey key = state.clusterKey();
        String inProcess = "mimicore-" + UUID.randomUUID();
        ManagedChannel channel = InProcessChannelBuilder.forName(inProcess).build();
        parts.push(channel::shutdownNow);
        node = keep(startNode(state, key, channel));
        // Closed after the control plane, whose last orders go out over them.
        parts.push(this::stopServers);
        ControlPlane controlPlane = startControlPlane(state, key, console);
        serve(inProcess, controlPlane);
        controlPlane.start();
        awaitServing(controlPlane);
    }

    private DataPlaneNode startNode(StateDirectory state, ClusterKey key, ManagedChannel channel)
            throws IOException, InterruptedException {
        DataPlaneNode.Builder builder = describeNode(state, key, channel);
        settings.upstreams().describe(builder);
        AccessLog accessLog = settings.accessLog().start();
        if (accessLog != null) {
            builder.accessLog(keep(accessLog));
        }
        SpanExport spans = settings.spans().start(settings.cluster(), settings.nodeId());
        if (spans != null) {
            builder.spans(keep(spans));
        }
        try {
            return builder.start();
        } catch (PortUnavailableException e) {
            String flag = e.port() == settings.ports().traffic() ? "--port" : "--metrics-port";
            throw new IOException(e.getMessage() + ": choose another with " + flag, e);
        }
    }

    private DataPlaneNode.Builder describeNode(
            StateDirectory state, ClusterKey key, ManagedChannel channel) {
        return DataPlaneNode.builder()
                .nodeId(settings.nodeId())
                .cluster(settings.cluster())
                .build(Main.BuiltVersion.version())
                .trafficAddress(anywhere(settings.ports().traffic()))
                .metricsAddress(anywhere(settings.ports().metrics()))
                .state(state.node())
                .trusted(key.trusted())
                .controlPlane("", () -> channel)
                .registry(registry)
                .stop(settings.stop());
    }

    private ControlPlane startControlPlane(StateDirectory state, ClusterKey key, Console console)
            throws InterruptedException {
        MetadataStore store = keep(settings.metadata().open(state.metadata(), registry));
        if (settings.metadata().isElsewhere()) {
            awaitAnswer(store);
        }
        ArtifactStore artifacts = DirectoryArtifactStore.open(state.artifacts());
        StoreKeys keys = new StoreKeys(settings.cluster());
        startWorker(CompilerWorker.builder(store, keys, artifacts).signer(key));
        ControlPlane.Builder builder =
                ControlPlane.builder()
                        .store(store, keys)
                        .artifacts(artifacts)
                        .builds(
                                StoreBuildQueue.builder(store, keys, artifacts)
                                        .workerPatience(WORKER_PATIENCE)
                                        .build())
                        .clusterKey(key)
                        .versionsAbove(node.version())
                        .registry(registry)
                        .retention(settings.retention())
                        .problems(console);
        settings.configs().forEach(builder::directory);
        return keep(builder.build());
    }

    /// Waits for a store in other processes; the node serves from its disk meanwhile.
    private void awaitAnswer(MetadataStore store) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                MetadataStore.Entry _ = store.get(new StoreKeys(settings.cluster()).channels());
                return;
            } catch (StoreException e) {
                if (!told) {
                    log.warn("waiting for the metadata store: {}", e.getMessage());
                    told = true;
                }
            }
            LockSupport.parkNanos(STORE_RETRY.toNanos());
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped while the metadata store was waited for");
            }
        }
    }

    private void startWorker(CompilerWorker.Builder worker) throws InterruptedException {
        FoundToolchains toolchains = Toolchains.find();
        toolchains.missing().forEach((name, what) -> log.info("{}: {}", name, what));
        CompilerWorker built =
                keep(
                        worker.id("worker-" + settings.nodeId())
                                .toolchains(toolchains.toolchains())
                                .meters(registry)
                                .build());
        built.start();
    }

    private void serve(String inProcess, ControlPlane controlPlane) throws IOException {
        List<BindableService> stream = controlPlane.streamServices();
        Server local =
                started(
                        InProcessServerBuilder.forName(inProcess)
                                .maxInboundMessageSize(ControlPlane.STREAM_INBOUND_BYTES_MAX),
                        stream);
        servers.add(local);
        streamServer = listen("--stream-port", settings.ports().stream(), stream);
        adminServer =
                listen("--admin-port", settings.ports().admin(), controlPlane.adminServices());
    }

    /// Plain gRPC, on loopback only: whoever can connect can read every API.
    private Server listen(String flag, int port, List<BindableService> services)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            Server server =
                    GrpcTransport.listen(address, InsecureServerCredentials.create(), services);
            servers.add(server);
            return server;
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on port "
                            + port
                            + " ("
                            + rootMessage(e)
                            + "): choose another with "
                            + flag,
                    e);
        }
    }

    private void stopServers() throws InterruptedException {
        servers.forEach(Server::shutdown);
        long deadline = System.nanoTime() + LAST_ORDERS.toNanos();
        try {
            for (Server server : servers) {
                server.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } finally {
            servers.forEach(Server::shutdownNow);
        }
    }

    private static Server started(ServerBuilder<?> builder, List<BindableService> services)
            throws IOException {
        services.forEach(builder::addService);
        return builder.build().start();
    }

    private void awaitServing(ControlPlane controlPlane) throws InterruptedException {
        FirstPublish first = controlPlane.awaitFirstPublish(FIRST_PUBLISH);
        if (first == null) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    "the configs were not published within "
                            + FIRST_PUBLISH.toMinutes()
                            + " minutes"
                            + (controlPlane.catalogView() == null
                                    ? ": another process publishes for the cluster "
                                            + settings.cluster()
                                    : ""));
        }
        apis = first.apis();
        // It may be waiting out the time between two attempts.
        node.connectNow();
        long deadline = System.nanoTime() + ACTIVATION.toNanos();
        while (node.version() < first.version() || !node.whyNotReady().isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                // It may still come; what was served before is served on.
                log.warn(
                        "the node serves version {} and not yet {}",
                        node.version(),
                        first.version());
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    InetSocketAddress trafficAddress() {
        return node.trafficAddress();
    }

    InetSocketAddress metricsAddress() {
        return node.metricsAddress();
    }

    InetSocketAddress streamAddress() {
        return (InetSocketAddress) streamServer.getListenSockets().getFirst();
    }

    InetSocketAddress adminAddress() {
        return (InetSocketAddress) adminServer.getListenSockets().getFirst();
    }

    long version() {
        return node.version();
    }

    int apis() {
        return apis;
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    private static InetSocketAddress anywhere(int port) {
        return new InetSocketAddress(port);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    @SuppressWarnings("IllegalCatch") // every part is closed, whatever closing another throws
    public void close() {
        List<String> failures = new ArrayList<>();
        if (node != null) {
            node.announceStop();
        }
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                failures.add(e.toString());
            }
        }
        failures.forEach(failure -> log.warn("closing: {}", failure));
    }
}
