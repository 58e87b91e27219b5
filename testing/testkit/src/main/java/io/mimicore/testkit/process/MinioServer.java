package io.mimicore.testkit.process;

import io.mimicore.testkit.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A MinIO process with its data in a directory. It can be killed and started again on the same
/// port. Not thread-safe.
public final class MinioServer implements AutoCloseable {
    /// The credentials of the only user.
    public static final String ACCESS_KEY = "minio-test";

    /// Its secret.
    public static final String SECRET_KEY = "minio-test-secret";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    private final Path directory;
    private final int port;
    private @Nullable Process process;

    private MinioServer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /// Starts one.
    ///
    /// @param directory for its data and its output
    public static MinioServer start(Path directory) {
        try {
            var server = new MinioServer(directory, ByteServer.freePort());
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts the process and waits until it serves.
    public void start() throws IOException {
        Path data = Files.createDirectories(directory.resolve("data"));
        var builder =
                new ProcessBuilder(
                        Part.executable("minio").toString(),
                        "server",
                        "--quiet",
                        "--address",
                        "127.0.0.1:" + port,
                        data.toString());
        builder.environment().put("MINIO_ROOT_USER", ACCESS_KEY);
        builder.environment().put("MINIO_ROOT_PASSWORD", SECRET_KEY);
        builder.environment().put("MINIO_BROWSER", "off");
        builder.environment().put("HOME", directory.toString());
        process =
                builder.redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        directory.resolve("minio.log").toFile()))
                        .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Eventually.eventually(PATIENCE, () -> requireServing(client));
        }
    }

    private void requireServing(HttpClient client) {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint().resolve("/minio/health/live"))
                        .timeout(ANSWER_MAX)
                        .build();
        try {
            int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new AssertionError("minio: " + status + " (expected: 200)");
            }
        } catch (IOException e) {
            throw new AssertionError("minio does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// Where it serves S3.
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /// The directory of its data, whose subdirectories are the buckets.
    public Path data() {
        return directory.resolve("data");
    }

    /// Kills the process; [#start] starts it again.
    public void kill() throws InterruptedException {
        Process running = process;
        process = null;
        if (running != null) {
            running.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /// Makes a bucket, or leaves the one that is there.
    public void bucket(String name) {
        try {
            Files.createDirectories(data().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops it without ending it, with SIGSTOP.
    public void pause() {
        Signal.STOP.send(running());
    }

    /// Lets it go on, with SIGCONT.
    public void resume() {
        Signal.CONT.send(running());
    }

    private Process running() {
        Process started = process;
        if (started == null) {
            throw new IllegalStateException("minio: not started");
        }
        return started;
    }

    @Override
    public void close() {
        try {
            kill();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
