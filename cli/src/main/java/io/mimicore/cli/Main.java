package io.mimicore.cli;

import java.util.Set;
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
        versionProvider = Main.BuiltVersion.class,
        subcommands = {
            UpCommand.class,
            ControlPlaneCommand.class,
            DataPlaneCommand.class,
            CompilerWorkerCommand.class,
            ClusterKeyCommand.class,
            ValidateCommand.class,
            GetCommand.class,
            DiffCommand.class,
            ApplyCommand.class,
            DeleteCommand.class,
            DrainCommand.class,
            ConfirmRemovalCommand.class
        },
        footerHeading = "%nExit codes: ",
        footer = "0 done, 1 refused, 2 wrong usage, 3 unreachable.")
public final class Main implements Callable<Integer> {
    private static final Set<String> ROLES =
            Set.of("up", "control-plane", "data-plane", "compiler-worker");

    @Spec private CommandSpec spec;

    public static void main(String[] arguments) {
        quietenClientCommands(arguments);
        System.exit(commandLine().execute(arguments));
    }

    /// Roles log what they do; of the other commands only warnings are of interest beside their
    /// answer.
    private static void quietenClientCommands(String[] arguments) {
        boolean role = arguments.length > 0 && ROLES.contains(arguments[0]);
        if (!role && System.getenv("MIMICORE_LOG_LEVEL") == null) {
            System.setProperty("MIMICORE_LOG_LEVEL", "WARN");
        }
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler((exception, commandLine, _) -> {
                    if (exception instanceof CommandFailure failure) {
                        commandLine.getErr().println("mimicore: " + failure.getMessage());
                        return failure.exitCode();
                    }
                    throw exception;
                });
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /// Reads the version from the manifest of the jar this class came in.
    static final class BuiltVersion implements IVersionProvider {
        static String version() {
            String version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "(not packaged)" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"mimicore " + version()};
        }
    }
}
