package io.mimicore.cli;

import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.controlplane.ControlPlane;
import io.mimicore.controlplane.catalog.FirstPublish;
import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.dataplane.snapshot.ControlPlanes;
import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
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
final class AllInOne {
    private static final Logger log = LoggerFactory.getLogger(AllInOne.class);
    private static final Duration FIRST_PUBLISH = Duration.ofMinutes(10);

    // The only worker is in this process and registers before anything is asked of it.
    private static final Duration WORKER_PATIENCE = Duration.ofSeconds(2);
    private static final Duration ACTIVATION = Duration.ofSeconds(60);

    /// What to run.
    record Settings(
            List<Path> configs,
            Path state,
            String nodeId,
            NodeOptions node,
            ControlPlaneOptions controlPlane,
            StoreOptions stores,
            ClusterKeyOptions clusterKey) {}

    private final Settings settings;
    private final Parts parts;
    private final Console console;
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /// @param parts keeps what is started
    AllInOne(Settings settings, Parts parts, Console console) {
        this.settings = settings;
        this.parts = parts;
        this.console = console;
    }

    /// Starts everything and waits until the configs are served.
    ///
    /// @return what the ready line says
    String start() throws IOException, InterruptedException {
        StateDirectory state = parts.keep(StateDirectory.open(settings.state()));
        parts.keep(ProcessMetrics.bind(registry));
        ClusterKey key = settings.clusterKey().orOf(state);
        String inProcess = "mimicore-" + UUID.randomUUID();
        NodeRole node = startNode(state, key, inProcess);
        Stores stores = settings.stores().open(state, parts, registry);
        stores.awaitMetadata();
        stores.awaitArtifacts();
        parts.keep(
                WorkerRole.start(
                        new WorkerRole.Place(
                                "worker-" + settings.nodeId(), 0, Toolchains.cacheDirectory()),
                        stores,
                        key,
                        registry));
        ControlPlaneRole controlPlane =
                parts.keep(
                        ControlPlaneRole.start(
                                settings.controlPlane(),
                                new ControlPlaneRole.Place(
                                        settings.configs(),
                                        stores,
                                        key,
                                        WORKER_PATIENCE,
                                        node.node().version(),
                                        door(inProcess)),
                                console,
                                registry));
        // First of all it says that it is not ready any more.
        parts.keep(node.node()::announceStop);
        int apis = awaitServing(controlPlane.controlPlane(), node.node());
        return node.listeners()
                + " "
                + controlPlane.listeners()
                + " version="
                + node.node().version()
                + " apis="
                + apis;
    }

    private NodeRole startNode(StateDirectory state, ClusterKey key, String inProcess)
            throws IOException, InterruptedException {
        ManagedChannel channel = InProcessChannelBuilder.forName(inProcess).build();
        parts.keep(channel::shutdownNow);
        return parts.keep(
                NodeRole.start(
                        settings.node(),
                        new NodeRole.Place(
                                settings.stores().cluster(),
                                settings.nodeId(),
                                state.node(),
                                key.trusted(),
                                List.of(new ControlPlanes.Link("", () -> channel))),
                        registry));
    }

    /// Plain gRPC, on loopback only: whoever can connect can read every API.
    private static ControlPlaneRole.Door door(String inProcess) {
        return new ControlPlaneRole.Door(
                InetAddress.getLoopbackAddress(), InsecureServerCredentials.create(), inProcess);
    }

    /// Waits until the first publication is served.
    ///
    /// @return how many APIs it has
    private int awaitServing(ControlPlane controlPlane, DataPlaneNode node)
            throws InterruptedException {
        FirstPublish first = controlPlane.awaitFirstPublish(FIRST_PUBLISH);
        if (first == null) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    "the configs were not published within "
                            + FIRST_PUBLISH.toMinutes()
                            + " minutes"
                            + (controlPlane.catalogView() == null
                                    ? ": another process publishes for the cluster "
                                            + settings.stores().cluster()
                                    : ""));
        }
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
                break;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return first.apis();
    }
}
