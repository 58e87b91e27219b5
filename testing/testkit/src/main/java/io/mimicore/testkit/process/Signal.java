package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;

/// A signal to a process, sent as an operator would.
enum Signal {
    TERM,
    INT,
    KILL,
    STOP,
    CONT;

    /// Sends it.
    ///
    /// @throws AssertionError if the process is gone
    void send(Process process) {
        try {
            int exit =
                    new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid()))
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new AssertionError("kill -" + name() + ": " + exit + " (expected: 0)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a signal was sent", e);
        }
    }
}
