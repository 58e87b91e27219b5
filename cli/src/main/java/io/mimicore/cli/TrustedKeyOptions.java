package io.mimicore.cli;

import io.mimicore.signing.Trust;
import io.mimicore.signing.TrustedKeys;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whose signatures a node believes.
final class TrustedKeyOptions {
    @Option(
            names = "--trusted-key",
            paramLabel = "FILE",
            split = ",",
            defaultValue = "${env:MIMICORE_TRUSTED_KEY}",
            description = {
                "The public half of the cluster's key, FILE.pub of `mimicore cluster-key FILE`;"
                        + " several times",
                "while the cluster goes over to a new one (environment: MIMICORE_TRUSTED_KEY,"
                        + " separated by",
                "commas)."
            })
    private @Nullable List<Path> files;

    /// What was given.
    ///
    /// @throws CommandFailure if nothing was, or it cannot be used
    Trust required() {
        List<Path> given =
                files == null
                        ? List.of()
                        : files.stream().filter(file -> !file.toString().isEmpty()).toList();
        if (given.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--trusted-key: missing (expected: FILE.pub of `mimicore cluster-key FILE`)");
        }
        return new TrustedKeys(given.stream().map(KeyFile::readPublicHalf).toList());
    }
}
