package io.mimicore.benchmarks.change;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The packaged program with directories of its own. Confined to one thread.
///
/// Builds use the cache of the user's own programs, so only the first run on a machine compiles
/// Go's library.
final class Subject implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Path configs;
    private final Path state;
    private final int port;
    private final int heapMegabytes;
    private MimicoreProcess process;

    private Subject(Path configs, Path state, int heapMegabytes) throws IOException {
        this.configs = configs;
        this.state = state;
        this.port = freePort();
        this.heapMegabytes = heapMegabytes;
        this.process = launch();
    }

    /// Starts it without configs and waits until it is ready.
    static Subject start(Path directory, int heapMegabytes) {
        try {
            Path configs = Files.createDirectories(directory.resolve("configs"));
            var subject = new Subject(configs, directory.resolve("state"), heapMegabytes);
            subject.process.awaitReady();
            return subject;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Saves a config as editors that replace files do.
    void save(String api, String text) {
        try {
            Path draft = Files.writeString(configs.resolve("." + api + ".draft"), text);
            Files.move(draft, configs.resolve(api + ".json"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Saves a config and waits for its mark.
    ///
    /// @return what that took, in nanoseconds
    long saveAndServe(String api, int mark, String text) {
        try (RawConnection connection = RawConnection.open(address())) {
            long begin = System.nanoTime();
            save(api, text);
            awaitMark(connection, api, mark);
            return System.nanoTime() - begin;
        }
    }

    /// Waits until the API answers with the mark.
    void awaitMark(String api, int mark) {
        try (RawConnection connection = RawConnection.open(address())) {
            awaitMark(connection, api, mark);
        }
    }

    /// Ends it and starts it again from what it has on disk.
    ///
    /// @return from the start of the process to the first answer with the mark, in nanoseconds
    long restart(String api, int mark) {
        process.terminate();
        long begin = System.nanoTime();
        process = launch();
        while (!answers(api, mark)) {
            requirePatience(begin, api, mark);
            LockSupport.parkNanos(LOOK_NANOS);
        }
        long took = System.nanoTime() - begin;
        process.awaitReady();
        return took;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /// The sum of a metric over all its labels.
    double metric(String name) {
        try (RawConnection connection = RawConnection.open(process.metrics())) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    @Override
    public void close() {
        process.close();
    }

    private MimicoreProcess launch() {
        return MimicoreProcess.builder(configs, state)
                .port(port)
                .heapMegabytes(heapMegabytes)
                .launch();
    }

    private boolean answers(String api, int mark) {
        try (RawConnection connection = RawConnection.open(address())) {
            return hasMark(connection, api, mark);
        } catch (UncheckedIOException _) {
            // It does not listen yet.
            return false;
        }
    }

    private static void awaitMark(RawConnection connection, String api, int mark) {
        long begin = System.nanoTime();
        while (!hasMark(connection, api, mark)) {
            requirePatience(begin, api, mark);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static boolean hasMark(RawConnection connection, String api, int mark) {
        RawRequest request = RawRequest.get(ConfigTexts.host(api), ConfigTexts.MARK_PATH);
        return connection.send(request).body().equals(ConfigTexts.body(mark));
    }

    private static void requirePatience(long beginNanos, String api, int mark) {
        if (System.nanoTime() - beginNanos > PATIENCE_NANOS) {
            throw new IllegalStateException(
                    api + ": does not answer (expected: " + ConfigTexts.body(mark) + ")");
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
