package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests passed on by the program as it is shipped, to servers that are real.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UPGRADE =
            " HTTP/1.1\r\nHost: tunnel.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    void sample_withItsSocketHere_isServed() throws IOException {
        Path socket = root.resolve("s.sock");
        try (ByteServer _ = ByteServer.unix(socket, ProxyTest::echoHost)) {
            workspace.write(
                    "socket_proxy.json",
                    Workspace.sample("socket_proxy.json")
                            .replace("/run/mimicore/backend.sock", socket.toString()));
            RawResponse response = awaitServed("socket_proxy", "/x");
            assertThat(response.body()).isEqualTo("socket_proxy.localhost /x");
            assertThat(response.header("X-Mimicore-Version")).isNotBlank();
            assertThat(response.header("X-Request-Id")).isNotBlank();
        }
        eventually(
                PATIENCE,
                () ->
                        assertThat(
                                        Answers.problem(
                                                        get("socket_proxy", "/x"),
                                                        502,
                                                        "upstream-failed")
                                                .path("detail")
                                                .asString())
                                .contains(socket.toString()));
        Files.deleteIfExists(socket);
        try (ByteServer _ = ByteServer.unix(socket, ProxyTest::echoHost)) {
            awaitServed("socket_proxy", "/y");
        }
    }

    @Test
    void nginx_keepsItsAnswersAndItsConnections() throws Exception {
        Path directory = Files.createDirectories(root.resolve("nginx"));
        Files.writeString(directory.resolve("file.txt"), "of nginx\n".repeat(50_000));
        int port = ByteServer.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(
                conf,
                """
                daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log stderr;
                events { worker_connections 256; }
                http {
                  access_log off; client_body_temp_path body; proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                  server {
                    listen 127.0.0.1:%d;
                    location = /base/connection { return 200 "$connection $http_x_forwarded_for $host"; }
                    location /base/ { alias %s/; }
                  }
                }
                """
                        .formatted(port, directory));
        Process nginx =
                new ProcessBuilder("nginx", "-p", directory.toString(), "-c", conf.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("log").toFile())
                        .start();
        try {
            workspace.write("web.json", upstream("web", port));
            awaitServed("web", "/connection");
            RawResponse file = get("web", "/file.txt");
            assertThat(file.body()).isEqualTo("of nginx\n".repeat(50_000));
            assertThat(file.header("Accept-Ranges")).isEqualTo("bytes");
            assertThat(get("web", "/none").status()).isEqualTo(404);
            List<String> answers = new ArrayList<>();
            try (RawConnection client = RawConnection.open(program.traffic())) {
                for (int i = 0; i < 20; i++) {
                    answers.add(client.send(request("web", "/connection")).body());
                }
            }
            assertThat(answers).hasSize(20).allMatch(answers.getFirst()::equals);
            assertThat(answers.getFirst()).matches("\\d+ 127\\.0\\.0\\.1 127\\.0\\.0\\.1");
            assertThat(metrics())
                    .contains(
                            "mimicore_upstream_requests_total{api=\"web\",call=\"proxy\",outcome=\"ok\"}")
                    .contains(
                            "mimicore_http_requests_total{api=\"web\",method=\"GET\",route=\"/{path...}\",status=\"404\"}");
        } finally {
            nginx.destroy();
            assertThat(nginx.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void tunnel_outlivesAnEditOfItsFile() throws IOException {
        try (ByteServer before = ByteServer.tcp(connection -> tunnel(connection, "before"));
                ByteServer after = ByteServer.tcp(connection -> tunnel(connection, "after"))) {
            workspace.write("tunnel.json", upstream("tunnel", before.port()));
            awaitStatus("tunnel", 426);
            try (ByteConnection first = ByteConnection.open(program.traffic())) {
                first.send("GET /1" + UPGRADE);
                assertThat(first.readHead()).startsWith("HTTP/1.1 101 ");
                assertThat(first.read(6)).isEqualTo("before");
                workspace.write("tunnel.json", upstream("tunnel", after.port()));
                eventually(
                        PATIENCE,
                        () -> {
                            try (ByteConnection next = ByteConnection.open(program.traffic())) {
                                next.send("GET /2" + UPGRADE).readHead();
                                assertThat(next.read(5)).isEqualTo("after");
                            }
                        });
                first.send("still here");
                assertThat(first.read(10)).isEqualTo("still here");
                first.endOutput();
                assertThat(first.rest()).isEmpty();
            }
        }
    }

    @Test
    void reader_thatStalls_costsTheNodeNoMemory() throws IOException {
        long whole = Long.getLong("mimicore.proxy.bytes", 96L << 20);
        AtomicLong sent = new AtomicLong();
        try (ByteServer target = ByteServer.tcp(connection -> sendWhole(connection, whole, sent))) {
            workspace.write("large.json", upstream("large", target.port()));
            awaitStatus("large", 200);
            long before = residentBytes();
            List<ByteConnection> readers = new ArrayList<>();
            sent.set(0);
            for (int i = 0; i < 4; i++) {
                ByteConnection reader = ByteConnection.open(program.traffic());
                readers.add(reader);
                reader.send("GET /large HTTP/1.1\r\nHost: large.localhost\r\n\r\n").readHead();
            }
            awaitStall(sent);
            assertThat(sent.get()).isLessThan(2 * whole);
            // Four bodies would be several hundred MiB.
            assertThat(residentBytes() - before).isLessThan(48L << 20);
            for (ByteConnection reader : readers) {
                assertThat(reader.skip(whole)).isEqualTo(whole);
                reader.close();
            }
            assertThat(residentBytes() - before).isLessThan(64L << 20);
        }
    }

    @Test
    void cors_ofTheFile_replacesThatOfTheTarget() throws IOException {
        try (ByteServer target =
                ByteServer.tcp(connection -> {
                    while (true) {
                        connection.readHead();
                        connection.send(
                                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nVary: Accept\r\n"
                                        + "Access-Control-Allow-Origin: https://theirs\r\n\r\n");
                    }
                })) {
            workspace.write(
                    "shared.json",
                    upstream("shared", target.port())
                            .replace(
                                    "\"mode\"",
                                    "\"cors\": {\"origins\": [\"https://ours\"]}, \"rate_limit\":"
                                            + " {\"requests_per_second\": 0.001, \"burst\": 3},"
                                            + " \"mode\""));
            awaitStatus("shared", 200);
            try (ByteConnection client = ByteConnection.open(program.traffic())) {
                String head = "Host: shared.localhost\r\nOrigin: https://ours\r\n";
                client.send("GET / HTTP/1.1\r\n" + head + "\r\n");
                assertThat(client.readHead())
                        .contains("Access-Control-Allow-Origin: https://ours\r\n")
                        .contains("Vary: Accept\r\n")
                        .contains("Vary: Origin\r\n")
                        .doesNotContain("theirs");
                client.send(
                        "OPTIONS / HTTP/1.1\r\n"
                                + head
                                + "Access-Control-Request-Method: PUT\r\n\r\n");
                assertThat(client.readHead())
                        .startsWith("HTTP/1.1 204 ")
                        .contains("Access-Control-Allow-Methods: GET, HEAD, POST, PUT");
            }
            awaitStatus("shared", 429);
        }
    }

    private static void echoHost(ByteConnection connection) throws IOException {
        while (true) {
            String head = connection.readHead();
            int from = head.indexOf("\r\nHost: ") + 8;
            String body =
                    head.substring(from, head.indexOf('\r', from)) + " " + head.split(" ", 3)[1];
            connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }
    }

    private static void tunnel(ByteConnection connection, String greeting) throws IOException {
        while (!connection.readHead().contains("Upgrade: websocket")) {
            connection.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
        }
        connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n"
                        + greeting);
        while (true) {
            connection.send(connection.read(1));
        }
    }

    private static void sendWhole(ByteConnection connection, long whole, AtomicLong sent)
            throws IOException {
        byte[] piece = new byte[1 << 16];
        while (true) {
            if (!connection.readHead().startsWith("GET /base/large")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                continue;
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + whole + "\r\n\r\n");
            for (long left = whole; left > 0; left -= piece.length) {
                connection.send(piece);
                sent.addAndGet(piece.length);
            }
        }
    }

    private static void awaitStall(AtomicLong sent) {
        long[] before = {-1};
        int[] same = {0};
        eventually(
                PATIENCE,
                () -> {
                    long now = sent.get();
                    same[0] = now == before[0] && now > 0 ? same[0] + 1 : 0;
                    before[0] = now;
                    assertThat(same[0]).isGreaterThan(40);
                });
    }

    private static long residentBytes() throws IOException {
        String status = Files.readString(Path.of("/proc/" + program.pid() + "/status"), UTF_8);
        String line = status.lines().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static String upstream(String api, int port) {
        return "{\"api\": \"%s\", \"version\": \"v2\", \"mode\": \"proxy\", \"upstream\": \"http://127.0.0.1:%d/base\"}"
                .formatted(api, port);
    }

    private static RawRequest request(String api, String path) {
        return RawRequest.get(api + ".localhost", path);
    }

    private static RawResponse get(String api, String path) {
        return program.send(request(api, path));
    }

    private static RawResponse awaitServed(String api, String path) {
        awaitStatus(api, path, 200);
        return get(api, path);
    }

    private static void awaitStatus(String api, int status) {
        awaitStatus(api, "/", status);
    }

    private static void awaitStatus(String api, String path, int status) {
        eventually(PATIENCE, () -> assertThat(get(api, path).status()).isEqualTo(status));
    }

    private static String metrics() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("m", "/metrics")).body();
        }
    }
}
