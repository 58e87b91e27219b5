package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests passed on to a server that misbehaves at each stage of an exchange: every outcome has
/// its status and its metrics, and none of them harms the exchange that follows.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyFailureTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String API = "faulty";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int BODY = 4 << 20;

    @TempDir private static Path root;
    private static ByteServer target;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        target = ByteServer.tcp(ProxyFailureTest::misbehave);
        Workspace workspace = Workspace.in(root);
        workspace.write(API + ".json", config(API, target.port()));
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
        target.close();
    }

    private static String config(String api, int port) {
        return "{\"api\":\"%s\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\"http://127.0.0.1:%d\"}"
                .formatted(api, port);
    }

    /// Does what the path says, in the way that its words say.
    private static void misbehave(ByteConnection connection) throws IOException {
        while (true) {
            String head = connection.readHead();
            String path = head.split(" ", 3)[1];
            switch (path) {
                case "/head" -> {}
                case "/in-head" -> connection.send("HTTP/1.1 200 OK\r\nContent-");
                case "/in-body" ->
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
                case "/in-chunk" ->
                        connection.send(
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\npart");
                case "/in-request" -> connection.skip(BODY / 2);
                case "/garbage" -> connection.send("SSH-2.0-OpenSSH_9.2\r\n");
                case "/both" ->
                        connection.send(
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding:"
                                        + " chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
                case "/short" ->
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart");
                case "/long" -> {
                    connection.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
                    continue;
                }
                case "/early" -> {
                    connection.send("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
                    connection.rest();
                }
                case "/drip" -> {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
                    drip(connection, "dri");
                    continue;
                }
                default -> {
                    connection.send(OK);
                    continue;
                }
            }
            if (head.contains("X-How: reset")) {
                connection.reset();
            }
            return;
        }
    }

    /// One byte a second.
    private static void drip(ByteConnection connection, String body) throws IOException {
        for (int i = 0; i < body.length(); i++) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            while (System.nanoTime() - end < 0) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            connection.send(body.substring(i, i + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "head,       close, GET,  broken",
        "head,       reset, GET,  broken",
        "in-head,    close, GET,  broken",
        "in-head,    reset, GET,  broken",
        "in-request, close, POST, broken",
        "in-request, reset, POST, broken",
        "garbage,    close, GET,  broken",
        "garbage,    reset, POST, broken",
        "both,       close, GET,  broken",
    })
    void target_failingBeforeItsHead_is502AndCounted(
            String stage, String how, String method, String outcome) throws IOException {
        Metrics before = Metrics.of(program);
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            send(client, stage, how, method);
            assertThat(client.readHead())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("Content-Type: application/problem+json\r\n");
            assertThat(client.readTo("}"))
                    .contains("urn:mimicore:problem:upstream-failed")
                    .contains("http://127.0.0.1:" + target.port());
        }
        requireCounted(before, outcome, 502);
        requireServed();
    }

    @ParameterizedTest
    @CsvSource({
        "in-body,  close",
        "in-body,  reset",
        "in-chunk, close",
        "in-chunk, reset",
        "short,    close",
        "short,    reset",
    })
    void target_failingWithinItsBody_breaksTheAnswerOffAndIsCounted(String stage, String how)
            throws IOException {
        Metrics before = Metrics.of(program);
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            send(client, stage, how, "GET");
            // What a reset leaves unread is lost, the head with it.
            String all = untilBroken(client);
            assertThat(all).startsWith("HTTP/1.1 ").doesNotContain("\r\n0\r\n\r\n");
        }
        requireCounted(before, "broken", 502);
        requireServed();
    }

    @Test
    void target_whoseAnswerIsLongerThanItsLength_givesNobodyTheRest() throws IOException {
        for (int i = 0; i < 5; i++) {
            try (ByteConnection client = ByteConnection.open(program.traffic())) {
                send(client, "long", "close", "GET");
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                assertThat(client.read(2)).isEqualTo("ok");
                client.send(request("ok", "close", "GET")).endOutput();
                assertThat(client.rest())
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("\r\n\r\nok")
                        .doesNotContain("secret");
            }
        }
    }

    @Test
    void target_answeringBeforeTheBodyIsThere_isPassedOnAndCounted() throws IOException {
        Metrics before = Metrics.of(program);
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            client.send(request("early", "close", "POST")).send("x".repeat(1000));
            assertThat(client.readHead()).startsWith("HTTP/1.1 403 ").contains("Connection: close");
            assertThat(client.read(2)).isEqualTo("no");
        }
        requireCounted(before, "ok", 403);
    }

    @Test
    void target_sendingOneByteASecond_isPassedOnAsItComes() throws IOException {
        Metrics before = Metrics.of(program);
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            send(client, "drip", "close", "GET");
            client.readHead();
            long start = System.nanoTime();
            assertThat(client.read(1)).isEqualTo("d");
            assertThat(client.read(2)).isEqualTo("ri");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        }
        requireCounted(before, "ok", 200);
    }

    @Test
    void target_goneAndBack_is502ThenServedWithoutARestart() {
        int port = ByteServer.freePort();
        Workspace.in(root).write("gone.json", config("gone", port));
        for (int i = 0; i < 2; i++) {
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(
                                            Answers.problem(get("gone"), 502, "upstream-failed")
                                                    .path("detail")
                                                    .asString())
                                    .contains("refused"));
            assertThat(Metrics.of(program).calls("gone", "connect")).isPositive();
            try (ByteServer _ = ByteServer.tcp(port, ProxyFailureTest::misbehave)) {
                eventually(PATIENCE, () -> assertThat(get("gone").body()).isEqualTo("ok"));
            }
        }
        Workspace.in(root).delete("gone.json");
    }

    private static void send(ByteConnection client, String stage, String how, String method)
            throws IOException {
        client.send(request(stage, how, method));
        if (method.equals("POST")) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.send(new byte[BODY]);
                        } catch (IOException _) {
                            // The program has answered and closed: the rest is not wanted.
                        }
                    });
        }
    }

    private static String request(String stage, String how, String method) {
        return method
                + " /"
                + stage
                + " HTTP/1.1\r\nHost: faulty.localhost\r\nX-How: "
                + how
                + (method.equals("POST") ? "\r\nContent-Length: " + BODY : "")
                + "\r\n\r\n";
    }

    private static String untilBroken(ByteConnection client) throws IOException {
        String head = client.readHead();
        try {
            return head + client.rest();
        } catch (IOException _) {
            return head;
        }
    }

    /// One more request that ended so, and one more call.
    private static void requireCounted(Metrics before, String outcome, int status) {
        eventually(
                PATIENCE,
                () -> {
                    Metrics now = Metrics.of(program);
                    assertThat(now.calls(API, outcome)).isEqualTo(before.calls(API, outcome) + 1);
                    assertThat(now.requests(API, status))
                            .isEqualTo(before.requests(API, status) + 1);
                });
    }

    private static void requireServed() {
        assertThat(get(API).body()).isEqualTo("ok");
    }

    private static RawResponse get(String api) {
        return program.send(RawRequest.get(api + ".localhost", "/ok"));
    }
}
