package io.mimicore.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// Commands of the operating system, which do what Java cannot: mount, pipes, limits.
final class Commands {
    private Commands() {}

    /// Runs a command to its end; what it prints is dropped.
    ///
    /// @return its exit code
    static int run(String... command) {
        try {
            return new ProcessBuilder(List.of(command))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }
}
