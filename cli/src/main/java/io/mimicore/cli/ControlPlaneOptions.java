package io.mimicore.cli;

import io.mimicore.controlplane.retention.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a control plane publishes, where it listens, and what it keeps.
final class ControlPlaneOptions {
    @Option(
            names = "--configs",
            paramLabel = "DIR",
            description = {
                "A directory of config files, watched; may be given several times",
                "(environment: MIMICORE_CONFIGS, separated by commas; default: none; in `up`: the"
                        + " samples in",
                "configs/)."
            })
    private @Nullable List<Path> configs;

    @Option(
            names = "--stream-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_STREAM_PORT:-7070}",
            description =
                    "Streams of nodes (environment: MIMICORE_STREAM_PORT; default: 7070). 0 takes a"
                            + " free port.")
    private int streamPort;

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            defaultValue = "${env:MIMICORE_ADMIN_PORT:-7071}",
            description = "Admin API (environment: MIMICORE_ADMIN_PORT; default: 7071).")
    private int adminPort;

    @Option(
            names = "--advertise-admin",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:MIMICORE_ADVERTISE_ADMIN}",
            description = {
                "How others reach the admin API: what control planes that do not lead answer whom"
                        + " to ask",
                "(environment: MIMICORE_ADVERTISE_ADMIN; default: the address it listens on, or the",
                "machine's name if that is every one)."
            })
    private @Nullable String advertisedAdmin;

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

    int streamPort() {
        return streamPort;
    }

    int adminPort() {
        return adminPort;
    }

    /// How others reach the admin API; absent: it was not said.
    ///
    /// @throws CommandFailure if it is no address
    @Nullable String advertisedAdmin() {
        return advertisedAdmin == null || advertisedAdmin.isBlank()
                ? null
                : Endpoints.parseOne("--advertise-admin", advertisedAdmin);
    }

    /// What is kept.
    ///
    /// @throws CommandFailure if a number is out of range
    Retention retention() {
        try {
            return new Retention(keepVersions, Duration.ofSeconds(garbageGraceSeconds));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--keep-versions, --garbage-grace: " + e.getMessage(), e);
        }
    }

    /// The directories that were given; empty: none were.
    ///
    /// @throws CommandFailure if one cannot be read
    List<Path> configs() {
        List<Path> given = configs == null ? fromEnvironment() : List.copyOf(configs);
        given.forEach(ControlPlaneOptions::requireReadable);
        return given;
    }

    static void requireReadable(Path directory) {
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

    private static List<Path> fromEnvironment() {
        String value = System.getenv("MIMICORE_CONFIGS");
        return value == null || value.isBlank()
                ? List.of()
                : Arrays.stream(value.split(",", -1)).map(Path::of).toList();
    }
}
