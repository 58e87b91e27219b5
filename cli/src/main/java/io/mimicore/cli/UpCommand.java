package io.mimicore.cli;

import io.mimicore.controlplane.retention.Retention;
import io.mimicore.dataplane.node.StopPolicy;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `mimicore up`: all roles in one process.
@Command(
        name = "up",
        description = {
            "Runs all of Mimicore in one process and serves the configs of a directory.",
            "",
            "Prints one line that begins with 'mimicore ready' when requests are served. Saving a"
                    + " file",
            "changes what is served; a wrong file is reported and leaves the live version serving."
        },
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    /// What closing takes beside the node's own leave, in seconds.
    private static final int CLOSE_SECONDS_MAX = 20;

    @Spec private CommandSpec spec;

    @Option(
            names = "--configs",
            paramLabel = "DIR",
            description = {
                "A directory of config files, watched; may be given several times",
                "(environment: MIMICORE_CONFIGS, separated by commas; default: the samples in"
                        + " configs/)."
            })
    private @Nullable List<Path> configs;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "${env:MIMICORE_STATE}",
            description = {
                "Where everything is kept that must survive the process",
                "(environment: MIMICORE_STATE; default: .mimicore beside configs/)."
            })
    private @Nullable Path state;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_PORT:-8080}",
            description =
                    "Traffic (environment: MIMICORE_PORT; default: 8080). 0 takes a free port.")
    private int port;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_METRICS_PORT:-9090}",
            description =
                    "/metrics, /livez and /readyz (environment: MIMICORE_METRICS_PORT; default:"
                            + " 9090).")
    private int metricsPort;

    @Option(
            names = "--stream-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_STREAM_PORT:-7070}",
            description =
                    "Streams of further nodes, on loopback (environment: MIMICORE_STREAM_PORT;"
                            + " default: 7070).")
    private int streamPort;

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_ADMIN_PORT:-7071}",
            description =
                    "Admin API, on loopback (environment: MIMICORE_ADMIN_PORT; default: 7071).")
    private int adminPort;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:MIMICORE_CLUSTER:-default}",
            description = "Name of the cluster (environment: MIMICORE_CLUSTER; default: default).")
    private String cluster;

    @Option(
            names = "--node-id",
            paramLabel = "ID",
            defaultValue = "${env:MIMICORE_NODE_ID:-local}",
            description = "Name of the node (environment: MIMICORE_NODE_ID; default: local).")
    private String nodeId;

    @Option(
            names = "--keep-versions",
            paramLabel = "N",
            defaultValue = "${env:MIMICORE_KEEP_VERSIONS:-50}",
            description =
                    "Versions kept to go back to (environment: MIMICORE_KEEP_VERSIONS; default:"
                            + " 50).")
    private int keepVersions;

    @Option(
            names = "--garbage-grace",
            paramLabel = "SECONDS",
            defaultValue = "${env:MIMICORE_GARBAGE_GRACE:-600}",
            description = {
                "How long content that nothing refers to stays in the stores",
                "(environment: MIMICORE_GARBAGE_GRACE; default: 600)."
            })
    private long garbageGraceSeconds;

    @Mixin private MetadataOptions metadataOptions;
    @Mixin private StopOptions stopOptions;
    @Mixin private AccessLogOptions accessLogOptions;
    @Mixin private SpanOptions spanOptions;
    @Mixin private UpstreamOptions upstreamOptions;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> directories = directories();
        AllInOne.Settings settings =
                new AllInOne.Settings(
                        directories,
                        stateDirectory(directories),
                        metadataOptions,
                        new AllInOne.Ports(port, metricsPort, streamPort, adminPort),
                        cluster,
                        nodeId,
                        retention(),
                        stopOptions.policy(),
                        accessLogOptions,
                        spanOptions,
                        upstreamOptions);
        try (RunningRole role = RunningRole.begin(secondsToStop(settings.stop()))) {
            try (AllInOne process = AllInOne.start(settings, spec.commandLine().getErr())) {
                role.started();
                out.println(readyLine(process));
                out.flush();
                role.awaitStop();
            } catch (InterruptedException e) {
                // Told to end: the parts have been closed on the way out.
                if (!role.isStopAsked()) {
                    throw e;
                }
            }
        }
        return ExitCode.DONE;
    }

    private static long secondsToStop(StopPolicy stop) {
        return stop.grace().plus(stop.patience()).toSeconds() + CLOSE_SECONDS_MAX;
    }

    private static String readyLine(AllInOne process) {
        return "mimicore ready traffic=http://"
                + shown(process.trafficAddress())
                + " metrics=http://"
                + shown(process.metricsAddress())
                + " stream="
                + shown(process.streamAddress())
                + " admin="
                + shown(process.adminAddress())
                + " version="
                + process.version()
                + " apis="
                + process.apis();
    }

    private Retention retention() {
        try {
            return new Retention(keepVersions, Duration.ofSeconds(garbageGraceSeconds));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--keep-versions, --garbage-grace: " + e.getMessage(), e);
        }
    }

    private static String shown(InetSocketAddress address) {
        return "127.0.0.1:" + address.getPort();
    }

    private List<Path> directories() {
        List<Path> given = configs == null ? fromEnvironment() : configs;
        if (given.isEmpty()) {
            given = List.of(home().resolve("configs"));
        }
        for (Path directory : given) {
            if (!Files.isDirectory(directory)) {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "--configs "
                                + directory
                                + ": there is no such directory (expected: a directory of .json"
                                + " files)");
            }
            if (!Files.isReadable(directory)) {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "--configs "
                                + directory
                                + ": the directory cannot be read; check its permissions");
            }
        }
        return given;
    }

    private static List<Path> fromEnvironment() {
        String value = System.getenv("MIMICORE_CONFIGS");
        return value == null || value.isBlank()
                ? List.of()
                : java.util.Arrays.stream(value.split(",", -1)).map(Path::of).toList();
    }

    private Path stateDirectory(List<Path> directories) {
        if (state != null && !state.toString().isEmpty()) {
            return state;
        }
        Path parent = directories.getFirst().toAbsolutePath().normalize().getParent();
        return (parent == null ? Path.of("") : parent).resolve(".mimicore");
    }

    /// Where the program lies; the launcher says so.
    private static Path home() {
        return Path.of(System.getProperty("mimicore.home", ""));
    }
}
