package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// A real server or tool of `./dev parts`, which builds or installs what is missing.
public final class Part {
    private Part() {}

    /// The executable of a part; takes minutes when it has to be built first.
    ///
    /// @param name as `./dev parts` names it
    /// @throws IllegalStateException when the part cannot be had here
    public static synchronized Path executable(String name) {
        Path dev = Product.root().resolve("dev");
        try {
            Process process =
                    new ProcessBuilder(dev.toString(), "parts", name)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            process.getOutputStream().close();
            String line = firstLine(process);
            if (process.waitFor() != 0 || !line.contains(" ")) {
                throw new IllegalStateException(
                        dev + " parts " + name + ": failed (expected: a line with its path)");
            }
            return Path.of(line.substring(line.indexOf(' ')).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was asked for", e);
        }
    }

    private static String firstLine(Process process) throws IOException {
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), UTF_8).lines().findFirst().orElse("");
        }
    }
}
