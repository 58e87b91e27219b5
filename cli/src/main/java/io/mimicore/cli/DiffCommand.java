package io.mimicore.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore diff FROM [TO]`: which APIs differ between two versions.
@Command(
        name = "diff",
        description = {
            "Shows which APIs differ between two versions: + added, - removed, ~ changed.",
            "",
            "'mimicore get versions' lists the versions that are kept."
        },
        mixinStandardHelpOptions = true)
final class DiffCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FROM", description = "Number of the first version.")
    private long from;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TO",
            description = "Number of the second one (default: the one that nodes are to run).")
    private @Nullable Long to;

    @Mixin private ListingOptions options;

    @Override
    public Integer call() {
        return options.show(new VersionDiff(from, to), spec.commandLine().getOut());
    }
}
