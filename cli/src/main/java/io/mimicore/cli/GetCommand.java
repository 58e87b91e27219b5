package io.mimicore.cli;

import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore get KIND`: what the control plane has.
@Command(
        name = "get",
        description = {
            "Shows what the control plane has.",
            "",
            "  apis      every API: where it came from, whether it is live, what is wrong with it",
            "  versions  the versions that are kept, the newest first",
            "  nodes     which node serves which version, and why one is behind",
            "  builds    builds of user code that wait, run, failed or are done; the workers"
        },
        mixinStandardHelpOptions = true)
final class GetCommand implements Callable<Integer> {
    /// What can be shown.
    enum Kind {
        /// APIs with their problems.
        apis,
        /// Versions.
        versions,
        /// Nodes with what they serve.
        nodes,
        /// Builds and workers.
        builds
    }

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "KIND", description = "What to show: ${COMPLETION-CANDIDATES}.")
    private Kind kind;

    @Mixin private ListingOptions options;

    @Override
    public Integer call() {
        Listing listing =
                switch (kind) {
                    case apis -> new ApiListing();
                    case versions -> new VersionListing();
                    case nodes -> new NodeListing();
                    case builds -> new BuildListing(InstantSource.system());
                };
        return options.show(listing, spec.commandLine().getOut());
    }
}
