package io.mimicore.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The root command of the product. Without a subcommand it prints its usage and ends with exit
/// code 2.
@Command(
        name = "mimicore",
        description = "An API gateway and an API mocking platform for a fleet of nodes.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.BuiltVersion.class)
public final class Main implements Callable<Integer> {
    @Spec private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// Reads the version from the manifest of the jar this class came in.
    static final class BuiltVersion implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"mimicore " + (version == null ? "(not packaged)" : version)};
        }
    }
}
