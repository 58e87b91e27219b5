package io.mimicore.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `mimicore compiler-worker`: builds user code for the cluster.
@Command(
        name = "compiler-worker",
        description = {
            "Runs a compiler worker: takes builds of user code from etcd and puts what comes of"
                    + " them into the",
            "artifact store, each once for the whole cluster.",
            "",
            "Prints one line that begins with 'mimicore ready' when it takes builds."
        },
        mixinStandardHelpOptions = true)
final class CompilerWorkerCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_METRICS_PORT:-9093}",
            description =
                    "/metrics, /livez and /readyz (environment: MIMICORE_METRICS_PORT; default:"
                            + " 9093).")
    private int metricsPort;

    @Mixin private WorkerOptions worker;
    @Mixin private StoreOptions stores;
    @Mixin private ClusterKeyOptions clusterKey;

    @Override
    public Integer call() throws InterruptedException {
        stores.metadata().requireEtcd();
        stores.metadata().requireTlsForEtcd();
        ClusterKey key = clusterKey.required();
        var place =
                new WorkerRole.Place(
                        worker.id(MachineName.get() + "-" + ProcessHandle.current().pid()),
                        worker.concurrency(),
                        worker.caches());
        return RunningRole.run(
                spec.commandLine().getOut(),
                UpCommand.CLOSE_SECONDS_MAX,
                parts -> start(parts, place, key));
    }

    private String start(Parts parts, WorkerRole.Place place, ClusterKey key)
            throws IOException, InterruptedException {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.keep(ProcessMetrics.bind(registry));
        Stores opened = stores.open(null, parts, registry);
        OperationsServer operations = parts.keep(OperationsServer.start(metricsPort, registry));
        operations.whyNotReady("the metadata store does not answer yet");
        opened.awaitMetadata();
        operations.whyNotReady("the artifact store does not answer yet");
        opened.awaitArtifacts();
        WorkerRole role = parts.keep(WorkerRole.start(place, opened, key, registry));
        // First of all it says that it is not ready any more.
        parts.keep(() -> operations.whyNotReady("the process stops"));
        operations.whyNotReady("");
        return operations.listeners() + " worker=" + place.id() + " toolchains=" + role.offers();
    }
}
