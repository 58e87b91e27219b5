package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A role of the program in a process of its own: `mimicore up` on free ports of loopback, or what
/// [#launch] is told.
///
/// Closing it kills it with everything it has started. Thread-safe.
public final class MimicoreProcess implements AutoCloseable {
    /// A first start builds user code with an empty cache of the toolchain.
    private static final Duration START_PATIENCE = Duration.ofMinutes(3);

    private static final Duration EXIT_PATIENCE = Duration.ofMinutes(1);
    private static final String READY = "mimicore ready";

    private final Process process;
    private final Transcript out;
    private final Transcript err;

    private MimicoreProcess(Process process) {
        this.process = process;
        this.out = Transcript.of("mimicore-stdout", process.getInputStream());
        this.err = Transcript.of("mimicore-stderr", process.getErrorStream());
    }

    /// Configs from one directory, state in another; both may be missing.
    public static Builder builder(Path configs, Path state) {
        return new Builder(configs, state);
    }

    /// How a process is started. Not thread-safe.
    public static final class Builder {
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private final Path state;
        private int port;
        private int streamPort;
        private int heapMegabytes = Product.HEAP_MEGABYTES_MAX;

        private Builder(Path configs, Path state) {
            this.state = state;
            arguments.add("up");
            configs(configs);
            arguments.addAll(List.of("--state", state.toString()));
        }

        /// One more directory of configs.
        public Builder configs(Path directory) {
            arguments.addAll(List.of("--configs", directory.toString()));
            return this;
        }

        /// Keeps metadata in this etcd.
        public Builder etcd(String endpoint) {
            arguments.addAll(List.of("--etcd", endpoint));
            return this;
        }

        /// Shows this certificate to others, and believes only what it has signed.
        public Builder tls(SelfSigned identity) {
            arguments.addAll(List.of("--tls-cert", identity.certificate().toString()));
            arguments.addAll(List.of("--tls-key", identity.key().toString()));
            arguments.addAll(List.of("--tls-ca", identity.certificate().toString()));
            return this;
        }

        /// Another port for traffic than a free one.
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /// Another port for nodes than a free one.
        public Builder streamPort(int port) {
            this.streamPort = port;
            return this;
        }

        /// Another heap than 768 MB, in megabytes.
        public Builder heapMegabytes(int megabytes) {
            heapMegabytes = megabytes;
            return this;
        }

        /// Sets a variable of the environment.
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /// Lets toolchains keep their caches in a directory that outlives the state directory, so
        /// that not every test compiles Go's standard library.
        public Builder toolchainCache(Path directory) {
            try {
                Files.createDirectories(directory);
                Files.createDirectories(state);
                Path worker = state.resolve("worker");
                if (!Files.exists(worker)) {
                    Files.createSymbolicLink(worker, directory.toAbsolutePath());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        /// Starts the program and waits until it is ready.
        ///
        /// @throws AssertionError with everything it has printed, if it ends or is not ready in
        ///   time
        public MimicoreProcess start() {
            MimicoreProcess started = launch();
            started.awaitReady();
            return started;
        }

        /// Starts the program and waits for nothing.
        public MimicoreProcess launch() {
            List<String> all = new ArrayList<>(arguments);
            all.addAll(List.of("--port", Integer.toString(port)));
            all.addAll(List.of("--stream-port", Integer.toString(streamPort)));
            all.addAll(List.of("--metrics-port", "0", "--admin-port", "0"));
            return MimicoreProcess.launch(new CommandLine(all, environment, heapMegabytes));
        }
    }

    /// What to start.
    ///
    /// @param arguments the role and its flags
    /// @param environment variables besides those of this process
    /// @param heapMegabytes most heap, in megabytes
    public record CommandLine(
            List<String> arguments, Map<String, String> environment, int heapMegabytes) {
        public CommandLine {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    /// Starts the program and waits for nothing.
    public static MimicoreProcess launch(CommandLine command) {
        var builder =
                new ProcessBuilder(
                        Product.commandLine(command.arguments(), command.heapMegabytes()));
        builder.environment().putAll(command.environment());
        try {
            return new MimicoreProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where requests are served.
    public InetSocketAddress traffic() {
        return address("traffic");
    }

    /// Where `/metrics`, `/livez` and `/readyz` are.
    public InetSocketAddress metrics() {
        return address("metrics");
    }

    /// Where the admin API is.
    public InetSocketAddress admin() {
        return address("admin");
    }

    /// Where further nodes would connect.
    public InetSocketAddress stream() {
        return address("stream");
    }

    /// What it has printed to standard output.
    public Transcript out() {
        return out;
    }

    /// What it has printed to standard error: its log.
    public Transcript err() {
        return err;
    }

    /// Its process id.
    public long pid() {
        return process.pid();
    }

    /// Whether it runs.
    public boolean isAlive() {
        return process.isAlive();
    }

    /// Waits for the ready line.
    public void awaitReady() {
        if (out.awaitLine(READY, START_PATIENCE).isEmpty()) {
            String how = process.isAlive() ? "not ready" : "ended with " + process.exitValue();
            throw new AssertionError("mimicore: " + how + "\n" + out.text() + err.text());
        }
    }

    /// One request on a connection of its own.
    public RawResponse send(RawRequest request) {
        try (RawConnection connection = RawConnection.open(traffic())) {
            return connection.send(request);
        }
    }

    /// Ends it as an operator would, with SIGTERM, and waits.
    ///
    /// @return the exit code
    public int terminate() {
        Signal.TERM.send(process);
        return awaitExit();
    }

    /// Asks it to end, with SIGTERM, and waits for nothing.
    public void askToEnd() {
        Signal.TERM.send(process);
    }

    /// Asks it to end as Ctrl-C does, with SIGINT, and waits for nothing.
    public void interrupt() {
        Signal.INT.send(process);
    }

    /// Ends it at once, with SIGKILL, and waits.
    public void kill() {
        Signal.KILL.send(process);
        awaitExit();
    }

    /// Stops it without ending it, with SIGSTOP.
    public void pause() {
        Signal.STOP.send(process);
    }

    /// Lets it go on, with SIGCONT.
    public void resume() {
        Signal.CONT.send(process);
    }

    /// Waits for its end.
    ///
    /// @return the exit code
    public int awaitExit() {
        try {
            if (!process.waitFor(EXIT_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "still running after " + EXIT_PATIENCE + "\n" + err.text());
            }
            out.awaitEnd();
            err.awaitEnd();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a process ended", e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitExit();
    }

    private InetSocketAddress address(String listener) {
        String line =
                out.line(READY)
                        .orElseThrow(() -> new AssertionError("no ready line\n" + err.text()));
        for (String word : line.split(" ", -1)) {
            if (word.startsWith(listener + "=")) {
                String address = word.substring(listener.length() + 1).replace("http://", "");
                int colon = address.lastIndexOf(':');
                return new InetSocketAddress(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)));
            }
        }
        throw new AssertionError("ready line: " + line + " (expected: " + listener + "=…)");
    }
}
