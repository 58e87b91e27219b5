package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.system.Answers.problem;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Requests passed on to Go's own server: over a Unix socket, as the original's sample does it, and
/// over TLS; and a WebSocket with a real client on the other side.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyServersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SAMPLE = "socket_proxy";

    @TempDir private static Path root;
    private static Workspace workspace;
    private static GoServer go;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        go = GoServer.start(root.resolve("go"));
        workspace = Workspace.in(root);
        workspace.write(
                "socket_proxy.json",
                Workspace.sample("socket_proxy.json")
                        .replace("/run/mimicore/backend.sock", go.socket().toString()));
        workspace.write("tls.json", upstream("tls", "https://localhost:" + go.http1Port()));
        workspace.write("both.json", upstream("both", "https://localhost:" + go.http2Port()));
        workspace.write("wrong.json", upstream("wrong", "https://127.0.0.1:" + go.http1Port()));
        workspace.write("chat.json", chat(""));
        program =
                workspace
                        .program()
                        .environment("MIMICORE_UPSTREAM_CA", go.certificate().toString())
                        .start();
    }

    @AfterAll
    static void stop() {
        program.close();
        go.close();
    }

    private static String upstream(String api, String url) {
        return "{\"api\":\"%s\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\"%s\"}"
                .formatted(api, url);
    }

    private static String chat(String more) {
        return "{\"api\":\"chat\",\"version\":\"v2\",\"mode\":\"proxy\",\"hosts\":[\"localhost\"],%s\"unix_socket\":\"%s\"}"
                .formatted(more, go.socket());
    }

    @Test
    void sample_toAGoServerBehindASocket_passesRequestsOn() {
        for (int i = 0; i < 10; i++) {
            JsonNode seen =
                    json(
                            send(
                                            SAMPLE,
                                            RawRequest.post(
                                                    SAMPLE + ".localhost", "/a%2Fb?c=d&c", "{}"))
                                    .body());
            assertThat(seen.path("proto").asString()).isEqualTo("HTTP/1.1");
            assertThat(seen.path("uri").asString()).isEqualTo("/a%2Fb?c=d&c");
            assertThat(seen.path("host").asString()).isEqualTo("socket_proxy.localhost");
            assertThat(seen.path("method").asString()).isEqualTo("POST");
            assertThat(seen.path("body").asString()).isEqualTo("{}");
            assertThat(seen.path("length").asInt()).isEqualTo(2);
            assertThat(seen.path("forwarded").asString())
                    .startsWith("for=127.0.0.1;proto=http;host=");
        }
    }

    @Test
    void tls_withTheRightName_isServed() {
        for (String api : new String[] {"tls", "both"}) {
            JsonNode seen = json(send(api, RawRequest.get(api + ".localhost", "/x")).body());
            assertThat(seen.path("proto").asString()).isEqualTo("HTTP/1.1");
            assertThat(seen.path("sni").asString()).isEqualTo("localhost");
            assertThat(seen.path("host").asString()).startsWith("localhost:");
        }
    }

    @Test
    void tls_withACertificateForAnotherName_is502() {
        RawResponse response = send("wrong", RawRequest.get("wrong.localhost", "/x"));
        assertThat(problem(response, 502, "upstream-failed").path("detail").asString())
                .contains("https://127.0.0.1:" + go.http1Port())
                .contains("TLS failed");
        assertThat(Metrics.of(program).calls("wrong", "connect")).isPositive();
    }

    @Test
    void trailers_ofBothSides_arrive() throws IOException {
        for (String api : new String[] {SAMPLE, "tls"}) {
            try (ByteConnection client = ByteConnection.open(program.traffic())) {
                client.send(
                        "POST /copy HTTP/1.1\r\nHost: "
                                + api
                                + ".localhost\r\nTE: trailers\r\nTrailer: X-Mark\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "3\r\nxyz\r\n4\r\nuvwx\r\n0\r\nX-Mark: of-client\r\n\r\n");
                assertThat(client.readHead())
                        .startsWith("HTTP/1.1 200 ")
                        .contains("Trailer: X-Sum, X-Of-Client\r\n")
                        .contains("Transfer-Encoding: chunked\r\n");
                String rest = client.readTo("\r\n\r\n");
                assertThat(rest.replaceAll("(?m)^[0-9a-f]+\r\n", "").replace("\r\n", ""))
                        .contains("xyz", "uvwx")
                        .contains("X-Sum: 7")
                        .contains("X-Of-Client: of-client");
            }
        }
    }

    @Test
    void expectContinue_ofAServerThatReads_letsTheBodyCome() throws IOException {
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            client.send(expecting("/copy"));
            assertThat(client.readHead()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.send("hello");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.readTo("\r\n\r\n")).contains("hello").contains("X-Sum: 5");
        }
    }

    @Test
    void expectContinue_ofAServerThatRefuses_keepsTheBodyBack() throws IOException {
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            client.send(expecting("/unread"));
            assertThat(client.readHead()).startsWith("HTTP/1.1 413 ").contains("Connection: close");
            assertThat(client.rest()).isEmpty();
        }
    }

    private static String expecting(String path) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: socket_proxy.localhost\r\nExpect: 100-continue\r\n"
                + "Content-Length: 5\r\n\r\n";
    }

    @Test
    void webSocket_overAnEditOfItsFile_echoesAndCloses() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            Conversation first = connect(client);
            first.echoes("before");
            long version = version();
            workspace.write(
                    "chat.json",
                    chat("\"rate_limit\":{\"requests_per_second\":1000000,\"burst\":1000},"));
            eventually(PATIENCE, () -> assertThat(version()).isGreaterThan(version));

            first.echoes("after");
            first.echoes("x".repeat(200_000));
            first.echoesBytes(100_000);
            first.pongs();
            try (HttpClient other = HttpClient.newHttpClient()) {
                Conversation second = connect(other);
                second.echoes("new");
                second.closes(1000);
            }
            first.closes(4001);
        }
    }

    private static long version() {
        return program.send(RawRequest.get("localhost", "/x")).version();
    }

    private static Conversation connect(HttpClient client) {
        Conversation conversation = new Conversation();
        conversation.socket =
                client.newWebSocketBuilder()
                        .connectTimeout(PATIENCE)
                        .buildAsync(
                                URI.create("ws://localhost:" + program.traffic().getPort() + "/ws"),
                                conversation)
                        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .join();
        return conversation;
    }

    private static RawResponse send(String api, RawRequest request) {
        RawResponse response = program.send(request);
        assertThat(response.header("X-Request-Id")).as(api).isNotBlank();
        return response;
    }

    /// What comes back over one WebSocket.
    private static final class Conversation implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @SuppressWarnings("NullAway.Init") // connect() sets it
        private WebSocket socket;

        private int bytes;

        void echoes(String message) throws InterruptedException {
            socket.sendText(message, true).join();
            assertThat(messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(message);
        }

        /// In pieces, each a frame of its own.
        void echoesBytes(int length) throws InterruptedException {
            byte[] half = new byte[length / 2];
            IntStream.range(0, half.length).forEach(i -> half[i] = (byte) (i * 7));
            socket.sendBinary(ByteBuffer.wrap(half), false).join();
            socket.sendBinary(ByteBuffer.wrap(half), true).join();
            assertThat(messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(2 * half.length + " bytes");
        }

        void pongs() throws InterruptedException {
            socket.sendPing(ByteBuffer.wrap("p".getBytes(StandardCharsets.US_ASCII))).join();
            assertThat(messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("pong");
        }

        void closes(int status) throws InterruptedException {
            socket.sendClose(status, "bye").join();
            assertThat(messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("closed " + status + " bye");
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket from, ByteBuffer part, boolean last) {
            bytes += part.remaining();
            if (last) {
                messages.add(bytes + " bytes");
                bytes = 0;
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
            messages.add("pong");
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            messages.add("closed " + status + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            messages.add("error " + error);
        }
    }
}
