package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A real Prometheus with the files of `deploy/prometheus`, but for where and how often it looks.
/// Thread-safe.
final class PrometheusServer implements AutoCloseable {
    private static final Path FILES =
            Path.of(System.getProperty("mimicore.root", ""), "deploy", "prometheus");
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final String EVERY = "15s";

    private final Process process;
    private final Path output;
    private final String url;
    private final HttpClient client = HttpClient.newHttpClient();

    private PrometheusServer(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.url = "http://127.0.0.1:" + port + "/api/v1/";
    }

    /// Starts to scrape a target every second.
    static PrometheusServer start(Path directory, InetSocketAddress target) {
        int port = ByteServer.freePort();
        try {
            Files.createDirectories(directory);
            String config = Files.readString(FILES.resolve("prometheus.yml"));
            assertThat(config).contains(EVERY, "127.0.0.1:9090");
            Files.writeString(
                    directory.resolve("prometheus.yml"),
                    config.replace(EVERY, "1s")
                            .replace("127.0.0.1:9090", "127.0.0.1:" + target.getPort()));
            Files.copy(
                    FILES.resolve("mimicore.rules.yml"), directory.resolve("mimicore.rules.yml"));
            Path output = directory.resolve("output");
            Process started =
                    new ProcessBuilder(
                                    "prometheus",
                                    "--config.file=" + directory.resolve("prometheus.yml"),
                                    "--storage.tsdb.path=" + directory.resolve("data"),
                                    "--web.listen-address=127.0.0.1:" + port)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            var server = new PrometheusServer(started, output, port);
            boolean up = false;
            try {
                eventually(
                        START_PATIENCE,
                        () -> assertThat(server.query("up{job=\"mimicore\"} == 1")).isNotEmpty());
                up = true;
                return server;
            } finally {
                if (!up) {
                    server.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The series that an instant query gives.
    JsonNode query(String expression) {
        return get("query?query=" + URLEncoder.encode(expression, UTF_8)).path("result");
    }

    /// What a path of its API answers.
    JsonNode get(String path) {
        try {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(URI.create(url + path)).build(),
                            HttpResponse.BodyHandlers.ofString());
            JsonNode answer = new ObjectMapper().readTree(response.body());
            assertThat(answer.path("status").asString())
                    .as(path + ": " + response.body())
                    .isEqualTo("success");
            return answer.path("data");
        } catch (IOException e) {
            throw new AssertionError(path + ": " + e + "\n" + text(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Prometheus was asked", e);
        }
    }

    private String text() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
