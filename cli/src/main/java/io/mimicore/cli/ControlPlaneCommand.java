package io.mimicore.cli;

import io.grpc.ServerCredentials;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `mimicore control-plane`: one of the cluster's control planes.
@Command(
        name = "control-plane",
        description = {
            "Runs a control plane. Several share etcd and the artifact store: one of them leads and"
                    + " publishes,",
            "all of them serve nodes.",
            "",
            "Prints one line that begins with 'mimicore ready' when nodes are answered."
        },
        mixinStandardHelpOptions = true)
final class ControlPlaneCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ControlPlaneCommand.class);

    /// How long a build waits for a worker to come: one that restarts takes a few seconds.
    private static final Duration WORKER_PATIENCE = Duration.ofSeconds(30);

    @Spec private CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "${env:MIMICORE_LISTEN:-127.0.0.1}",
            description = {
                "Where the stream and admin ports listen; 0.0.0.0 is every address. The default is"
                        + " loopback,",
                "because without TLS whoever can connect can read every API, and change them"
                        + " (environment:",
                "MIMICORE_LISTEN; default: 127.0.0.1)."
            })
    private String listen;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_METRICS_PORT:-9092}",
            description =
                    "/metrics, /livez and /readyz (environment: MIMICORE_METRICS_PORT; default:"
                            + " 9092).")
    private int metricsPort;

    @Mixin private ControlPlaneOptions controlPlane;
    @Mixin private StoreOptions stores;
    @Mixin private ClusterKeyOptions clusterKey;

    @Override
    public Integer call() throws InterruptedException {
        stores.metadata().requireEtcd();
        ServerCredentials credentials = stores.metadata().tls().serverCredentials();
        ClusterKey key = clusterKey.required();
        controlPlane.retention();
        controlPlane.advertisedAdmin();
        List<Path> configs = controlPlane.configs();
        var door = new ControlPlaneRole.Door(address(), credentials, null);
        return RunningRole.run(
                spec.commandLine().getOut(),
                UpCommand.CLOSE_SECONDS_MAX,
                parts -> start(parts, key, configs, door));
    }

    private String start(
            Parts parts, ClusterKey key, List<Path> configs, ControlPlaneRole.Door door)
            throws IOException, InterruptedException {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.keep(ProcessMetrics.bind(registry));
        Stores opened = stores.open(null, parts, registry);
        OperationsServer operations = parts.keep(OperationsServer.start(metricsPort, registry));
        operations.whyNotReady("the metadata store does not answer yet");
        opened.checkArtifacts();
        opened.awaitMetadata();
        operations.whyNotReady("the snapshot is not loaded yet");
        var place = new ControlPlaneRole.Place(configs, opened, key, WORKER_PATIENCE, 0, door);
        ControlPlaneRole role =
                parts.keep(
                        ControlPlaneRole.start(
                                controlPlane,
                                place,
                                new Console(spec.commandLine().getErr()),
                                registry));
        // First of all it says that it is not ready any more.
        parts.keep(() -> operations.whyNotReady("the process stops"));
        role.awaitLoaded();
        operations.whyNotReady("");
        return role.listeners() + " " + operations.listeners();
    }

    private InetAddress address() {
        try {
            InetAddress address = InetAddress.getByName(listen);
            if (!address.isLoopbackAddress() && !stores.metadata().tls().hasCertificate()) {
                log.warn(
                        "--listen {} without --tls-cert: whoever can connect can read and change"
                                + " every API",
                        listen);
            }
            return address;
        } catch (UnknownHostException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--listen " + listen + ": (expected: an address of this machine)",
                    e);
        }
    }
}
