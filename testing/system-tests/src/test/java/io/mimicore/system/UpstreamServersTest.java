package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.problem;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Calls to servers that others have written: Go's over TLS, with HTTP/2 and without, and nginx.
class UpstreamServersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "servers.localhost";

    @TempDir private static Path root;
    private static GoServer go;
    private static Process nginx;
    private static int nginxPort;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        go = GoServer.start(root.resolve("go"));
        nginx = startNginx();
        Workspace workspace = Workspace.in(root);
        workspace.write("servers.json", config());
        program = workspace.program().environment("JAVA_TOOL_OPTIONS", go.trustOptions()).start();
    }

    @AfterAll
    static void stop() {
        program.close();
        go.close();
        nginx.destroy();
    }

    private static Process startNginx() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            nginxPort = free.getLocalPort();
        }
        Path home = Files.createDirectories(root.resolve("nginx"));
        Path config = home.resolve("nginx.conf");
        // It closes each connection after seven requests, and would compress if it were allowed to.
        Files.writeString(
                config,
                """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                  access_log off;
                  keepalive_requests 7;
                  gzip on;
                  gzip_types application/json;
                  gzip_min_length 1;
                  default_type application/json;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  server {
                    listen 127.0.0.1:%d;
                    location /uri { return 200 '{"uri":"$request_uri","n":$connection_requests}'; }
                    location /admin { return 200 '{"uri":"admin"}'; }
                  }
                }
                """
                        .replace("%d", Integer.toString(nginxPort)));
        Process started =
                new ProcessBuilder("nginx", "-p", home.toString(), "-c", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("log").toFile())
                        .start();
        eventually(
                PATIENCE,
                () -> {
                    try (Socket socket = new Socket()) {
                        InetAddress loopback = InetAddress.getLoopbackAddress();
                        socket.connect(new InetSocketAddress(loopback, nginxPort), 1_000);
                    }
                });
        return started;
    }

    private static String config() {
        String h2 = "https://localhost:" + go.http2Port();
        String h1 = "https://localhost:" + go.http1Port();
        String all = "{\"all\":\"{{a | json}}\",\"two\":\"{{a.$headers.x-two}}\"}";
        String twenty =
                IntStream.range(0, 20)
                        .mapToObj(i -> call("c" + i, h2 + "/wait?" + i))
                        .collect(Collectors.joining(","));
        return ApiText.of("servers")
                .route(route("/h2", call("a", h2 + "/x?q={{request.query.q}}"), all))
                .route(route("/h1", call("a", h1 + "/x?q={{request.query.q}}"), all))
                .route(
                        route(
                                "/post",
                                "{\"name\":\"a\",\"method\":\"POST\",\"url\":\""
                                        + h2
                                        + "/p\",\"body\":{\"v\":1}}",
                                all))
                .route(route("/big", call("a", h2 + "/big"), "{\"end\":\"{{a.end}}\"}"))
                .route(route("/huge", call("a", h2 + "/huge"), "{}"))
                .route(route("/abort", call("a", h2 + "/abort"), "{}"))
                .route(
                        route(
                                "/hang",
                                call("a", h2 + "/hang").replace("}", ",\"timeout\":300}"),
                                "{}"))
                .route(route("/twenty", twenty, "{\"n\":\"{{c19.connections}}\"}"))
                .route(
                        route(
                                "/wrong-host",
                                call("a", "https://127.0.0.1:" + go.http2Port() + "/x"),
                                "{}"))
                .route(
                        route(
                                "/nginx",
                                call(
                                        "a",
                                        "http://127.0.0.1:"
                                                + nginxPort
                                                + "/uri/{{request.query.q}}/end"),
                                "{\"all\":\"{{a | json}}\"}"))
                .text();
    }

    private static String call(String name, String url) {
        return "{\"name\":\"" + name + "\",\"url\":\"" + url + "\"}";
    }

    private static String route(String path, String calls, String body) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"transform\":{\"http\":["
                + calls
                + "]},\"response\":{\"body\":"
                + body
                + "}}";
    }

    @ParameterizedTest
    @CsvSource({"/h2,HTTP/2.0", "/h1,HTTP/1.1"})
    void tls_withAlpn_speaksWhatTheServerChooses(String path, String protocol) {
        for (int i = 0; i < 10; i++) {
            JsonNode answer = body(get(path + "?q=a%20%26" + i));
            JsonNode all = answer.path("all");
            assertThat(all.path("proto").asString()).isEqualTo(protocol);
            assertThat(all.path("sni").asString()).isEqualTo("localhost");
            assertThat(all.path("host").asString()).startsWith("localhost:");
            assertThat(all.path("uri").asString()).isEqualTo("/x?q=a%20%26" + i);
            assertThat(all.path("trace").asString()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]");
            assertThat(answer.path("two").asString()).isEqualTo("a, b");
        }
    }

    @Test
    void http2_body_arrivesWithItsLength() {
        JsonNode all = body(get("/post")).path("all");
        assertThat(all.path("method").asString()).isEqualTo("POST");
        assertThat(all.path("body").asString()).isEqualTo("{\"v\":1}");
        assertThat(all.path("length").asInt()).isEqualTo(7);
    }

    @Test
    void http2_largeBody_passesItsWindows() {
        assertThat(body(get("/big")).path("end").asString()).isEqualTo("7");
    }

    @Test
    void http2_callsAtTheSameTime_shareOneConnection() {
        int before = connections();
        for (int i = 0; i < 5; i++) {
            body(get("/twenty"));
        }
        // Each event loop may have one connection to this upstream, however many calls it makes.
        assertThat(connections() - before)
                .isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }

    private static int connections() {
        return Integer.parseInt(body(get("/twenty")).path("n").asString());
    }

    @ParameterizedTest
    @CsvSource({
        "/huge,       502, upstream-failed,  larger than",
        "/abort,      502, upstream-failed,  stream",
        "/hang,       504, upstream-timeout, 300 ms",
        "/wrong-host, 502, upstream-failed,  TLS",
    })
    void tls_callThatFails_leavesTheOthers(String path, int status, String type, String why) {
        assertThat(problem(get(path), status, type).path("detail").asString())
                .startsWith("a: ")
                .contains(why);
        body(get("/h2"));
    }

    @Test
    void nginx_closingConnectionsAllTheTime_isNeverNoticed() {
        for (int i = 0; i < 60; i++) {
            JsonNode all = body(get("/nginx?q=" + i)).path("all");
            assertThat(all.path("uri").asString()).isEqualTo("/uri/" + i + "/end");
            assertThat(all.path("n").asInt()).isBetween(1, 7);
        }
    }

    @ParameterizedTest
    @CsvSource({"a%2Fb,a%2Fb", "%252e%252e,%252e%252e", "...,...", "a%0D%0Ab,a%0D%0Ab"})
    void nginx_hostileValue_staysInItsSegment(String sent, String seen) {
        assertThat(body(get("/nginx?q=" + sent)).path("all").path("uri").asString())
                .isEqualTo("/uri/" + seen + "/end");
    }

    @ParameterizedTest
    @CsvSource({"..%2F..%2Fadmin", "..", "x%2F..%2F..%2F..%2Fadmin%3F"})
    void nginx_climbingValue_neverReachesIt(String sent) {
        problem(get("/nginx?q=" + sent), 400, "upstream-value");
    }

    private static RawResponse get(String target) {
        return program.send(RawRequest.get(HOST, target));
    }
}
