package io.mimicore.cli;

import io.mimicore.signing.ClusterKey;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a role signs with.
final class ClusterKeyOptions {
    @Option(
            names = "--cluster-key",
            paramLabel = "FILE",
            defaultValue = "${env:MIMICORE_CLUSTER_KEY}",
            description = {
                "The cluster's key pair, as `mimicore cluster-key FILE` makes it: signs snapshots"
                        + " and",
                "artifacts, the same for every control plane and worker (environment:",
                "MIMICORE_CLUSTER_KEY; `up` makes its own in --state without it)."
            })
    private @Nullable Path file;

    /// The key that was given.
    ///
    /// @throws CommandFailure if none was, or it cannot be used
    ClusterKey required() {
        Path given = file;
        if (!isGiven() || given == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--cluster-key: missing (expected: the file that `mimicore cluster-key FILE`"
                            + " makes, the same for the whole cluster)");
        }
        return read(given);
    }

    /// The key that was given, or that of a state directory.
    ClusterKey orOf(StateDirectory state) {
        Path given = file;
        return isGiven() && given != null ? read(given) : state.clusterKey();
    }

    private boolean isGiven() {
        return file != null && !file.toString().isEmpty();
    }

    private static ClusterKey read(Path file) {
        return KeyFile.readPair(file, "give the pair that `mimicore cluster-key` made");
    }
}
