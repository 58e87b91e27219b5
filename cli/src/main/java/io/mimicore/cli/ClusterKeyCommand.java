package io.mimicore.cli;

import io.mimicore.signing.ClusterKey;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore cluster-key`: makes the key of a cluster.
@Command(
        name = "cluster-key",
        description = {
            "Makes the key of a cluster: FILE, secret, for control planes and compiler workers, and",
            "FILE.pub for nodes. A key that is there stays, and FILE.pub is written for it."
        },
        mixinStandardHelpOptions = true)
final class ClusterKeyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where the pair is kept, with mode 0600.")
    private Path file;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.exists(file)) {
            KeyFile.createPair(file);
            out.println(file + ": made; secret, for --cluster-key");
        }
        ClusterKey key = KeyFile.readPair(file, "give another file");
        KeyFile.writePublicHalf(file, key.trusted());
        out.println(KeyFile.publicHalf(file) + ": written; for --trusted-key of nodes");
        return ExitCode.DONE;
    }
}
