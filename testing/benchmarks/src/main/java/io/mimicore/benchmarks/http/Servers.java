package io.mimicore.benchmarks.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.testkit.process.MimicoreProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Starts servers on free ports of loopback, each in a process of its own, and ends them when it is
/// closed. Confined to one thread.
final class Servers implements AutoCloseable {
    /// As many loops and workers as the machine has processors.
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final int CONNECT_ATTEMPTS = 500;

    private final Path directory;
    private final List<Runnable> running = new ArrayList<>();

    /// @param directory where configs, state and logs go; made here
    Servers(Path directory) {
        this.directory = directory;
    }

    /// The packaged program with one config file.
    ///
    /// @param path what will be asked for
    Contender mimicore(String name, String config, String path) {
        return mimicore(name, config, path, "");
    }

    /// The packaged program with one config file, on one event loop.
    Contender mimicoreOfOneLoop(String name, String config, String path) {
        return mimicore(name, config, path, "-XX:ActiveProcessorCount=1");
    }

    /// The packaged program with one config file, that counts no requests.
    Contender mimicoreUncounted(String name, String config, String path) {
        return mimicore(name, config, path, "-Dmimicore.benchmark.metrics=off");
    }

    private Contender mimicore(String name, String config, String path, String options) {
        Path configs = directory.resolve(name + "/configs");
        write(configs.resolve("bench.json"), config);
        MimicoreProcess process =
                MimicoreProcess.builder(configs, directory.resolve(name + "/state"))
                        .environment("JAVA_TOOL_OPTIONS", options)
                        .start();
        running.add(process::close);
        ProcessHandle handle =
                ProcessHandle.of(process.pid())
                        .orElseThrow(() -> new IllegalStateException("mimicore: has ended"));
        return new Contender(
                name, handle, target(process.traffic().getPort(), path), "bench.localhost");
    }

    /// The hand-written server, with the program's own flags of the virtual machine.
    Contender bare(String path, String body) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:+UseParallelGC",
                        "-XX:-DontCompileHugeMethods",
                        "-XX:ReservedCodeCacheSize=512m",
                        "-Xmx768m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareServer.class.getName(),
                        path,
                        body));
        Process process = start(new ProcessBuilder(command));
        try {
            var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
            String line = out.readLine();
            if (line == null) {
                throw new IllegalStateException("the hand-written server ended at once");
            }
            int port = Integer.parseInt(line.substring("port ".length()));
            return new Contender(
                    "hand-written Netty",
                    process.toHandle(),
                    target(port, path),
                    "bench.localhost");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// nginx with one location.
    ///
    /// @param location the block's directives, `$PORT` of an upstream written out by the caller
    Contender nginx(String name, int workers, String outside, String location) {
        int port = freePort();
        Path home = directory.resolve(name.replace(' ', '-'));
        String config =
                """
                worker_processes %WORKERS%;
                daemon off;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 4096; }
                http {
                  access_log off;
                  keepalive_requests 100000000;
                  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                  %OUTSIDE%
                  server { listen 127.0.0.1:%PORT% reuseport; location / { %LOCATION% } }
                }
                """
                        .replace("%WORKERS%", Integer.toString(workers))
                        .replace("%PORT%", Integer.toString(port))
                        .replace("%OUTSIDE%", outside)
                        .replace("%LOCATION%", location);
        Path file = home.resolve("nginx.conf");
        write(file, config);
        Process process =
                start(new ProcessBuilder("nginx", "-p", home.toString(), "-c", file.toString()));
        awaitPort(port);
        return new Contender(name, process.toHandle(), target(port, "/"), "bench.localhost");
    }

    /// nginx that answers by itself.
    Contender nginx(String body) {
        return nginx(
                "nginx",
                PROCESSORS,
                "",
                "default_type application/json; return 200 '" + body + "';");
    }

    @Override
    public void close() {
        running.reversed().forEach(Runnable::run);
    }

    private Process start(ProcessBuilder builder) {
        try {
            Process process =
                    builder.redirectError(directory.resolve("servers.log").toFile()).start();
            running.add(() -> {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
                awaitEnd(process);
                process.destroyForcibly();
            });
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitEnd(Process process) {
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static URI target(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitPort(int port) {
        for (int i = 0; i < CONNECT_ATTEMPTS; i++) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException _) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
        throw new IllegalStateException("port " + port + ": closed (expected: a server)");
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
