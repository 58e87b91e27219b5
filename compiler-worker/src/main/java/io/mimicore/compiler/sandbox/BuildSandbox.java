package io.mimicore.compiler.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs commands that work on authors' programs.
///
/// Each build gets a directory of its own under `home/work` and everything in it is removed
/// afterwards, also what a killed process left behind: [#open] clears it. `home/cache` stays.
/// Several processes may share a `home`.
///
/// Thread-safe; methods block.
public final class BuildSandbox implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BuildSandbox.class);

    /// A killed command's pipes close at once; anything later is a fault of the machine.
    private static final long DRAIN_SECONDS = 10;

    /// How often the processes of a command are counted, in milliseconds.
    static final long LOOK_MILLIS = 200;

    private final Path cache;
    private final WorkArea area;
    private final Confinement confinement;

    private BuildSandbox(Path cache, WorkArea area, Confinement confinement) {
        this.cache = cache;
        this.area = area;
        this.confinement = confinement;
    }

    /// Opens the sandbox whose files live under `home`, which is made if need be.
    public static BuildSandbox open(Path home) throws IOException, InterruptedException {
        return open(home, Confinement.probe());
    }

    static BuildSandbox open(Path home, Confinement confinement) throws IOException {
        Path absolute = home.toAbsolutePath().normalize();
        Path cache = Files.createDirectories(absolute.resolve("cache"));
        return new BuildSandbox(cache, WorkArea.open(absolute.resolve("work")), confinement);
    }

    /// A directory that builds may share and that outlives them.
    public Path cache(String name) throws IOException {
        return Files.createDirectories(cache.resolve(name));
    }

    /// A fresh directory for one build; close it to remove it.
    public Workspace newWorkspace() throws IOException {
        return new Workspace(Files.createTempDirectory(area.directory(), "build-"));
    }

    /// Whether commands have no network and no sight of other processes.
    public boolean isIsolated() {
        return confinement.hasNamespaces();
    }

    /// Removes what is left of builds. Those under way fail.
    @Override
    public void close() throws IOException {
        area.close();
    }

    /// Runs a command to its end.
    ///
    /// @throws IOException if it cannot be started
    /// @throws InterruptedException when interrupted; the command is killed first
    public SandboxOutcome run(SandboxCommand command, SandboxLimits limits)
            throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(confinement.wrap(command.arguments(), limits))
                        .directory(command.directory().toFile());
        builder.environment().clear();
        builder.environment().putAll(command.environment());
        Process process = builder.start();
        var family = new ProcessFamily(process);
        try {
            FutureTask<byte[]> output = drain(process.getInputStream(), limits.outputBytes());
            FutureTask<byte[]> errors = drain(process.getErrorStream(), limits.outputBytes());
            feed(process, command.input());
            SandboxOutcome stopped = awaitEnd(process, family, limits);
            if (stopped != null) {
                return stopped;
            }
            return new SandboxOutcome.Exited(
                    process.exitValue(),
                    drained(output),
                    new String(drained(errors), StandardCharsets.UTF_8));
        } finally {
            family.kill();
        }
    }

    /// Waits until the command has ended by itself, or has to be killed.
    private static @Nullable SandboxOutcome awaitEnd(
            Process process, ProcessFamily family, SandboxLimits limits)
            throws InterruptedException {
        long started = System.nanoTime();
        long wallNanos = limits.wallTime().toNanos();
        long look = TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        while (true) {
            long left = wallNanos - (System.nanoTime() - started);
            if (left <= 0) {
                return new SandboxOutcome.TimedOut(limits.wallTime());
            }
            if (process.waitFor(Math.min(left, look), TimeUnit.NANOSECONDS)) {
                return null;
            }
            if (family.count() > limits.processes()) {
                return new SandboxOutcome.TooManyProcesses(limits.processes());
            }
        }
    }

    private static FutureTask<byte[]> drain(InputStream stream, int bytesMax) {
        var task =
                new FutureTask<>(() -> {
                    byte[] kept = stream.readNBytes(bytesMax);
                    // A command whose pipe is full would wait for ever.
                    stream.transferTo(OutputStream.nullOutputStream());
                    return kept;
                });
        Thread.ofVirtual().name("sandbox-output").start(task);
        return task;
    }

    private static void feed(Process process, byte[] input) {
        Thread.ofVirtual()
                .name("sandbox-input")
                .start(() -> {
                    try (OutputStream stdin = process.getOutputStream()) {
                        stdin.write(input);
                    } catch (IOException e) {
                        // It ended without reading everything; its status says more.
                        log.debug("standard input was not read to its end", e);
                    }
                });
    }

    private static byte[] drained(FutureTask<byte[]> task)
            throws IOException, InterruptedException {
        try {
            return task.get(DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("output of the command: " + e.getMessage(), e);
        } catch (java.util.concurrent.TimeoutException e) {
            // Something it started lives on and holds the pipe; it is killed next.
            throw new IOException("output of the command: still open after its end", e);
        }
    }
}
