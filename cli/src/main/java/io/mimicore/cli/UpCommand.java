package io.mimicore.cli;

import io.mimicore.dataplane.node.StopPolicy;
import java.nio.file.Path;
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
    static final int CLOSE_SECONDS_MAX = 20;

    private static final String NODE_ID = "local";

    @Spec private CommandSpec spec;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "${env:MIMICORE_STATE}",
            description = {
                "Where everything is kept that must survive the process",
                "(environment: MIMICORE_STATE; default: .mimicore beside configs/)."
            })
    private @Nullable Path state;

    @Mixin private NodeOptions node;
    @Mixin private ControlPlaneOptions controlPlane;
    @Mixin private StoreOptions stores;
    @Mixin private ClusterKeyOptions clusterKey;

    @Override
    public Integer call() throws InterruptedException {
        stores.metadata().requireTlsForEtcd();
        controlPlane.retention();
        controlPlane.advertisedAdmin();
        node.labels();
        List<Path> directories = directories();
        var settings =
                new AllInOne.Settings(
                        directories,
                        stateDirectory(directories),
                        node.nodeId(NODE_ID),
                        node,
                        controlPlane,
                        stores,
                        clusterKey);
        var console = new Console(spec.commandLine().getErr());
        return RunningRole.run(
                spec.commandLine().getOut(),
                secondsToStop(node.stop()),
                parts -> new AllInOne(settings, parts, console).start());
    }

    /// How long a process with a node takes to end.
    static long secondsToStop(StopPolicy stop) {
        return stop.grace().plus(stop.patience()).toSeconds() + CLOSE_SECONDS_MAX;
    }

    private List<Path> directories() {
        List<Path> given = controlPlane.configs();
        if (!given.isEmpty()) {
            return given;
        }
        Path samples = home().resolve("configs");
        ControlPlaneOptions.requireReadable(samples);
        return List.of(samples);
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
