package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A command of the program that ends by itself, such as `validate`.
public final class MimicoreCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path directory;
    private final Map<String, String> environment;

    private MimicoreCommand(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = Map.copyOf(environment);
    }

    /// Commands that run in this directory.
    public static MimicoreCommand in(Path directory) {
        return new MimicoreCommand(directory, Map.of());
    }

    /// The same with these variables set besides those of this process.
    public MimicoreCommand with(Map<String, String> variables) {
        return new MimicoreCommand(directory, variables);
    }

    /// How a command ended.
    public record Outcome(int exitCode, String out, String err) {}

    /// Runs `mimicore ARGUMENT…` to its end.
    ///
    /// @throws AssertionError if it does not end in two minutes
    public Outcome run(String... arguments) {
        var builder = new ProcessBuilder(Product.commandLine(List.of(arguments)));
        builder.directory(directory.toFile()).environment().putAll(environment);
        try {
            Process process = builder.start();
            Transcript out = Transcript.of("stdout", process.getInputStream());
            Transcript err = Transcript.of("stderr", process.getErrorStream());
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(
                        "mimicore "
                                + String.join(" ", arguments)
                                + ": not done after "
                                + PATIENCE
                                + "\n"
                                + err.text());
            }
            out.awaitEnd();
            err.awaitEnd();
            return new Outcome(process.exitValue(), out.text(), err.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }
}
