package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The packaged program of this checkout.
///
/// It is started as the launcher `mimicore` does it, with the launcher's own choice of flags, but
/// without the shell and the build in front of it: so a signal reaches the program itself.
final class Product {
    private static final String FLAGS_OF =
            "source \"$1\" && choose_flags \"$2\" && printf '%s\\n' \"${JVM_FLAGS[@]}\"";

    /// One huge heap for each process would be taken from the other tests.
    static final int HEAP_MEGABYTES_MAX = 768;

    private Product() {}

    /// The checkout: the system property `mimicore.root`.
    static Path root() {
        String root = System.getProperty("mimicore.root");
        if (root == null) {
            throw new IllegalStateException("mimicore.root: not set (expected: the checkout)");
        }
        return Path.of(root);
    }

    /// The command line for these arguments.
    static List<String> commandLine(List<String> arguments) {
        return commandLine(arguments, HEAP_MEGABYTES_MAX);
    }

    /// The command line for these arguments and a heap of its own size.
    static List<String> commandLine(List<String> arguments, int heapMegabytes) {
        Path lib = root().resolve("cli/target/mimicore/lib");
        if (!Files.isDirectory(lib)) {
            throw new IllegalStateException(
                    lib + ": not there (expected: the packaged program, built by mvn package)");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags(arguments.getFirst()));
        command.add("-Xmx" + heapMegabytes + "m");
        command.add("-Dmimicore.home=" + root());
        command.add("-cp");
        command.add(lib + "/*");
        command.add("io.mimicore.cli.Main");
        command.addAll(arguments);
        return command;
    }

    private static List<String> flags(String command) {
        String launcher = root().resolve("mimicore").toString();
        try {
            Process shell =
                    new ProcessBuilder("bash", "-c", FLAGS_OF, "flags", launcher, command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            String flags = new String(shell.getInputStream().readAllBytes(), UTF_8);
            if (shell.waitFor() != 0) {
                throw new IllegalStateException(
                        launcher + ": choose_flags failed (expected: the flags of the JVM)");
            }
            return flags.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the launcher was asked", e);
        }
    }
}
