package io.mimicore.cli;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.snapshot.ControlPlanes;
import io.mimicore.signing.Trust;
import io.mimicore.store.StoreKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `mimicore data-plane`: a node.
@Command(
        name = "data-plane",
        description = {
            "Runs a node: serves traffic by the snapshots that control planes send, and from its"
                    + " disk when",
            "none of them is there.",
            "",
            "Prints one line that begins with 'mimicore ready' when requests are served."
        },
        mixinStandardHelpOptions = true)
final class DataPlaneCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(DataPlaneCommand.class);

    /// Largest message that a control plane may send, in bytes; offers come in pieces of 256 KiB.
    private static final int INBOUND_BYTES_MAX = 4 * 1024 * 1024;

    private static final long POLL_NANOS = 2_000_000;

    @Spec private CommandSpec spec;

    @Option(
            names = "--control-plane",
            paramLabel = "HOST:PORT,…",
            defaultValue = "${env:MIMICORE_CONTROL_PLANE}",
            description = {
                "Stream ports of the control planes, tried in turn. With TLS if they begin with"
                        + " https://,",
                "or with no scheme and a --tls- flag is given (environment:"
                        + " MIMICORE_CONTROL_PLANE)."
            })
    private @Nullable String controlPlane;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:MIMICORE_CLUSTER:-default}",
            description = "Name of the cluster (environment: MIMICORE_CLUSTER; default: default).")
    private String cluster;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "${env:MIMICORE_STATE:-.mimicore}",
            description = {
                "Where snapshots and artifacts are kept, from which the node starts when nothing"
                        + " else is",
                "there (environment: MIMICORE_STATE; default: .mimicore)."
            })
    private Path state;

    @Mixin private NodeOptions node;
    @Mixin private TrustedKeyOptions trustedKey;
    @Mixin private TlsOptions tls;

    @Override
    public Integer call() throws InterruptedException {
        Endpoints endpoints = endpoints();
        ChannelCredentials credentials = endpoints.credentials(tls);
        Trust trust = trustedKey.required();
        node.labels();
        var start = new Opening(endpoints, credentials, trust, clusterName());
        return RunningRole.run(
                spec.commandLine().getOut(),
                UpCommand.secondsToStop(node.stop()),
                parts -> start(start, parts));
    }

    private record Opening(
            Endpoints controlPlanes, ChannelCredentials credentials, Trust trust, String cluster) {}

    private String start(Opening opening, Parts parts) throws IOException, InterruptedException {
        StateDirectory directory = parts.keep(StateDirectory.open(state));
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.keep(ProcessMetrics.bind(registry));
        List<ControlPlanes.Link> controlPlanes = new ArrayList<>();
        for (String address : opening.controlPlanes().addresses()) {
            ManagedChannel channel =
                    GrpcTransport.channel(address, opening.credentials(), INBOUND_BYTES_MAX);
            parts.keep(channel::shutdownNow);
            controlPlanes.add(new ControlPlanes.Link(address, () -> channel));
        }
        var place =
                new NodeRole.Place(
                        opening.cluster(),
                        node.nodeId(MachineName.get()),
                        directory.node(),
                        opening.trust(),
                        controlPlanes);
        NodeRole role = parts.keep(NodeRole.start(node, place, registry));
        awaitReady(role);
        return role.listeners() + " node=" + place.nodeId() + " version=" + role.node().version();
    }

    /// Ready is what its disk holds, or else what the first control plane sends.
    private static void awaitReady(NodeRole role) throws InterruptedException {
        String reason = role.node().whyNotReady();
        if (!reason.isEmpty()) {
            log.info("waiting for a snapshot: {}", reason);
        }
        while (!role.node().whyNotReady().isEmpty()) {
            LockSupport.parkNanos(POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped while a snapshot was waited for");
            }
        }
    }

    private Endpoints endpoints() {
        if (controlPlane == null || controlPlane.isBlank()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--control-plane: missing (expected: the stream ports of the cluster's control"
                            + " planes, host:port,…)");
        }
        Endpoints endpoints = Endpoints.parse("--control-plane", controlPlane);
        endpoints.requireTlsUsed(tls);
        return endpoints;
    }

    private String clusterName() {
        try {
            return new StoreKeys(cluster).cluster();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--cluster: " + e.getMessage(), e);
        }
    }
}
