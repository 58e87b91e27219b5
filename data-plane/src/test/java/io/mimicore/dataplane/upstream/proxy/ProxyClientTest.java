package io.mimicore.dataplane.upstream.proxy;

import static io.mimicore.testkit.Eventually.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.transport.EventLoops;
import io.mimicore.dataplane.transport.HttpServer;
import io.mimicore.dataplane.upstream.UpstreamClient;
import io.mimicore.dataplane.upstream.UpstreamLimits;
import io.mimicore.dataplane.upstream.UpstreamTrust;
import io.mimicore.ir.Serving;
import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Real sockets on both sides; the target does what a script says.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ProxyLimits SHORT =
            new ProxyLimits(
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(400),
                    Duration.ofMillis(400));
    private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: Front:81\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @SuppressWarnings("NullAway.Init") // client() starts it
    private HttpServer server;

    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void request_overUnixSocket_keepsItsHostAndLosesWhatIsNotForTheTarget(@TempDir Path directory)
            throws IOException {
        Path socket = directory.resolve("s");
        List<String> heads = new CopyOnWriteArrayList<>();
        open(
                ByteServer.unix(
                        socket,
                        connection -> {
                            while (true) {
                                heads.add(connection.readHead());
                                connection.send(
                                        "HTTP/1.1 200 OK\r\n"
                                                + "Content-Length: 2\r\n"
                                                + "Connection: secret\r\n"
                                                + "secret: 1\r\n"
                                                + "Keep-Alive: timeout=5\r\n"
                                                + "X-Request-Id: other\r\n"
                                                + "X-Version: theirs\r\n"
                                                + "Set-Cookie: a=1\r\n"
                                                + "Set-Cookie: b=2\r\n\r\n"
                                                + "ok");
                            }
                        }));
        ByteConnection client = client(new Serving.ProxyTarget.UnixSocket(socket.toString()));
        client.send(
                "GET /a?b=c HTTP/1.1\r\n"
                        + "Host: Front:81\r\n"
                        + "Connection: x-one, Keep-Alive\r\n"
                        + "X-One: 1\r\n"
                        + "Keep-Alive: 1\r\n"
                        + "TE: gzip\r\n"
                        + "Proxy-Authorization: p\r\n"
                        + "X-Forwarded-For: 1.2.3.4\r\n"
                        + "Forwarded: for=1.2.3.4\r\n"
                        + "X-Real-IP: 1.2.3.4\r\n"
                        + "X-Forwarded-Port: 1\r\n"
                        + "HTTP2-Settings: x\r\n"
                        + "X-Two:  2 \r\n\r\n");
        assertThat(client.readHead().replaceAll("Date: [^\r]+", "Date: D"))
                .isEqualTo(
                        "HTTP/1.1 200 OK\r\n"
                                + "Set-Cookie: a=1\r\n"
                                + "Set-Cookie: b=2\r\n"
                                + "X-Version: ours\r\n"
                                + "Content-Length: 2\r\n"
                                + "Date: D\r\n"
                                + "X-Request-Id: "
                                + id(heads)
                                + "\r\n\r\n");
        assertThat(client.read(2)).isEqualTo("ok");
        assertThat(heads.getFirst())
                .isEqualTo(
                        "GET /a?b=c HTTP/1.1\r\nHost: front:81\r\nX-Two: 2\r\n"
                                + "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
                                + "X-Forwarded-Host: front:81\r\n"
                                + "Forwarded: for=127.0.0.1;proto=http;host=\"front:81\"\r\n"
                                + "Via: 1.1 mimicore\r\nX-Request-Id: "
                                + id(heads)
                                + "\r\n\r\n");
    }

    @Test
    void requests_keptAlive_shareOneConnection() throws IOException {
        ByteServer target = open(ByteServer.tcp(ProxyClientTest::alwaysOk));
        ByteConnection client = client(url(target.port()));
        for (int i = 0; i < 20; i++) {
            client.send(GET);
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.read(2)).isEqualTo("ok");
        }
        assertThat(target.accepted()).isEqualTo(1);
        eventually(PATIENCE, () -> assertThat(ended).hasSize(20).allMatch("200 OK"::equals));
    }

    @Test
    void body_chunkedWithTrailers_passesBothWays() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            String head = connection.readHead();
                            String body = connection.readTo("0\r\nSum: 1\r\n\r\n");
                            connection.send(
                                    "HTTP/1.1 200 OK\r\n"
                                            + "Transfer-Encoding: chunked\r\n"
                                            + "Trailer: Sum\r\n\r\n");
                            connection.send("3\r\nabc\r\n0\r\nSum: 2\r\nContent-Length: 9\r\n\r\n");
                            connection.send(head.isEmpty() ? "" : body.substring(0, 0));
                            connection.readHead();
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(
                "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n"
                        + "2\r\nab\r\n0\r\nSum: 1\r\n\r\n");
        assertThat(client.readHead())
                .contains("Transfer-Encoding: chunked\r\n")
                .contains("Trailer: Sum\r\n");
        assertThat(client.readTo("\r\n\r\n")).isEqualTo("3\r\nabc\r\n0\r\nSum: 2\r\n\r\n");
    }

    @Test
    void expectContinue_isAnsweredByTheTarget() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            assertThat(connection.readHead()).contains("Expect: 100-continue\r\n");
                            connection.send("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
                            connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                            connection.send(OK.replace("ok", connection.read(2)));
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(
                "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertThat(client.readHead()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
        assertThat(client.readHead()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        client.send("hi");
        client.readHead();
        assertThat(client.read(2)).isEqualTo("hi");
    }

    @Test
    void answer_beforeTheBodyIsRead_arrives() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno");
                            connection.rest();
                        }));
        ByteConnection client = client(url(target.port()));
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000000\r\n\r\nx");
        assertThat(client.readHead()).startsWith("HTTP/1.1 413 ").contains("Connection: close");
        assertThat(client.rest()).isEqualTo("no");
        eventually(PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @Test
    void upgrade_carriesBytesUntilBothEndsEnd() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            assertThat(connection.readHead())
                                    .contains("Connection: Upgrade\r\nUpgrade: websocket\r\n");
                            connection.send(
                                    "HTTP/1.1 101 Switching Protocols\r\n"
                                            + "Connection: upgrade\r\n"
                                            + "Upgrade: websocket\r\n"
                                            + "Sec-WebSocket-Accept: x\r\n\r\n"
                                            + "hello");
                            connection.send(connection.rest());
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(
                "GET /ws HTTP/1.1\r\nHost: t\r\nConnection: keep-alive, Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n");
        assertThat(client.readHead())
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Upgrade: websocket\r\n")
                .contains("Connection: Upgrade\r\n")
                .contains("Sec-WebSocket-Accept: x\r\n")
                .doesNotContain("Content-Length");
        assertThat(client.read(5)).isEqualTo("hello");
        client.send("GET / HTTP/1.1\r\n\r\n").endOutput();
        assertThat(client.rest()).isEqualTo("GET / HTTP/1.1\r\n\r\n");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("101 OK"));
    }

    @Test
    void client_halfClosed_getsItsAnswer() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send(OK);
                            connection.rest();
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET).endOutput();
        assertThat(client.rest()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
    }

    @Test
    void http10Client_getsABodyOfUnknownLengthUntilClose() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send("HTTP/1.1 200 OK\r\n\r\nuntil close");
                        }));
        ByteConnection client = client(url(target.port()));
        client.send("GET / HTTP/1.0\r\nHost: t\r\n\r\n");
        assertThat(client.rest()).contains("Connection: close").endsWith("\r\n\r\nuntil close");
    }

    @Test
    void head_hasTheLengthAndNoBody() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            while (true) {
                                connection.readHead();
                                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
                            }
                        }));
        ByteConnection client = client(url(target.port()));
        for (int i = 0; i < 2; i++) {
            client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.readHead()).contains("Content-Length: 77\r\n");
        }
        assertThat(target.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\n\r\n\r\n",
                "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b",
                ""
            })
    void response_thatIsNone_is502(String bytes) throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send(bytes);
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("502 BROKEN"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshortx\r\n"
            })
    void response_whoseLengthLies_isNeverEndedAsWhole(String bytes) throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send(bytes);
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        assertThat(client.rest()).contains("short").doesNotContain("0\r\n\r\n");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("502 BROKEN"));
    }

    @Test
    void target_gone_is502_andServedWhenBack() throws IOException {
        int port = ByteServer.freePort();
        ByteConnection client = client(url(port));
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("502 CONNECT"));
        open(ByteServer.tcp(port, ProxyClientTest::alwaysOk));
        client.readTo("}");
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void pooledConnection_closedMeanwhile_isReplacedForAnIdempotentRequest() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            requests.incrementAndGet();
                            connection.send(OK);
                            connection.readHead();
                            requests.incrementAndGet();
                            // Closes without an answer, as a server does whose patience has just
                            // ended.
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET).readHead();
        client.read(2);
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        client.read(2);
        assertThat(requests).hasValue(3);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx");
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        assertThat(requests).hasValue(4);
    }

    @Test
    void target_silent_is504() throws IOException {
        ByteServer target = open(ByteServer.tcp(ByteConnection::rest));
        ByteConnection client = client(url(target.port()), SHORT);
        client.send(GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 504 ");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("504 TIMEOUT"));
        eventually(PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @Test
    void target_silentWithinTheBody_breaksTheAnswerOff() throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
                            connection.rest();
                        }));
        ByteConnection client = client(url(target.port()), SHORT);
        client.send(GET);
        assertThat(client.rest()).startsWith("HTTP/1.1 ");
        eventually(PATIENCE, () -> assertThat(ended).hasSize(1));
    }

    @Test
    void client_thatSendsNoBody_is408() throws IOException {
        ByteServer target = open(ByteServer.tcp(ByteConnection::rest));
        ByteConnection client = client(url(target.port()), SHORT);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nab");
        assertThat(client.readHead()).startsWith("HTTP/1.1 408 ");
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("408 CANCELLED"));
        eventually(PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"})
    void client_reset_endsTheRequestToTheTarget(String sent) throws IOException {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send(sent);
                            connection.rest();
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET);
        if (sent.isEmpty()) {
            eventually(PATIENCE, () -> assertThat(target.open()).isOne());
        } else {
            client.readTo("ab");
        }
        client.reset();
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("0 CANCELLED"));
        eventually(PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @Test
    void client_thatDoesNotRead_holdsTheTargetBack() throws IOException {
        AtomicLong sent = new AtomicLong();
        long whole = 64L << 20;
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            connection.send(
                                    "HTTP/1.1 200 OK\r\nContent-Length: " + whole + "\r\n\r\n");
                            byte[] piece = new byte[1 << 16];
                            for (long left = whole; left > 0; left -= piece.length) {
                                connection.send(piece);
                                sent.addAndGet(piece.length);
                            }
                        }));
        ByteConnection client = client(url(target.port()));
        client.send(GET).readHead();
        awaitStall(sent);
        assertThat(sent.get()).isLessThan(whole / 2);
        assertThat(client.skip(whole)).isEqualTo(whole);
        eventually(PATIENCE, () -> assertThat(ended).containsExactly("200 OK"));
    }

    @Test
    void target_thatDoesNotRead_holdsTheClientBack() throws IOException {
        long whole = 64L << 20;
        var released = new java.util.concurrent.CountDownLatch(1);
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            try {
                                released.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            if (connection.skip(whole) == whole) {
                                connection.send(OK);
                            }
                        }));
        ByteConnection client = client(url(target.port()));
        client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: " + whole + "\r\n\r\n");
        AtomicLong sent = new AtomicLong();
        Thread sender =
                Thread.ofVirtual()
                        .start(() -> {
                            byte[] piece = new byte[1 << 16];
                            try {
                                for (long left = whole; left > 0; left -= piece.length) {
                                    client.send(piece);
                                    sent.addAndGet(piece.length);
                                }
                            } catch (IOException e) {
                                sent.set(-1);
                            }
                        });
        awaitStall(sent);
        assertThat(sent.get()).isPositive().isLessThan(whole / 2);
        released.countDown();
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        assertThat(sender.isAlive() || sent.get() == whole).isTrue();
    }

    @Test
    void clients_atTheSameTime_neverSeeEachOthersBytes() throws Exception {
        ByteServer target =
                open(
                        ByteServer.tcp(connection -> {
                            while (true) {
                                String head = connection.readHead();
                                int at = head.indexOf("Content-Length: ") + 16;
                                int length =
                                        Integer.parseInt(
                                                head.substring(at, head.indexOf('\r', at)));
                                String body = connection.read(length);
                                connection.send(
                                        length % 2 == 0
                                                ? "HTTP/1.1 200 OK\r\nContent-Length: "
                                                        + length
                                                        + "\r\n\r\n"
                                                        + body
                                                : "HTTP/1.1 200 OK\r\n"
                                                        + "Transfer-Encoding: chunked\r\n\r\n"
                                                        + Integer.toHexString(length)
                                                        + "\r\n"
                                                        + body
                                                        + "\r\n0\r\n\r\n");
                            }
                        }));
        ByteConnection first = client(url(target.port()));
        first.close();
        int port = server.address().getPort();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        List<String> wrong = new CopyOnWriteArrayList<>();
        AtomicInteger done = new AtomicInteger();
        for (int c = 0; c < 16; c++) {
            char mark = (char) ('a' + c);
            threads.add(Thread.ofVirtual().start(() -> exchangeMarked(port, mark, wrong, done)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(done).hasValue(16 * 40);
    }

    private static void exchangeMarked(
            int port, char mark, List<String> wrong, AtomicInteger done) {
        try (ByteConnection client =
                ByteConnection.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            for (int i = 0; i < 40; i++) {
                int length = 1 + (i * 7919 + mark) % 100_000;
                String body = String.valueOf(mark).repeat(length);
                client.send(
                        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: "
                                + length
                                + "\r\n\r\n"
                                + body);
                String head = client.readHead();
                String answer = head.contains("chunked") ? chunks(client) : client.read(length);
                if (!answer.equals(body)) {
                    wrong.add(
                            mark
                                    + ": "
                                    + head
                                    + answer.substring(0, Math.min(80, answer.length())));
                }
                done.incrementAndGet();
            }
        } catch (IOException e) {
            wrong.add(mark + ": " + e);
        }
    }

    private static String chunks(ByteConnection client) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(client.readTo("\r\n").strip(), 16);
            body.append(client.read(size));
            client.read(2);
            if (size == 0) {
                return body.toString();
            }
        }
    }

    private static void alwaysOk(ByteConnection connection) throws IOException {
        while (true) {
            connection.readHead();
            connection.send(OK);
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
                    assertThat(same[0]).isGreaterThan(20);
                });
    }

    private static String id(List<String> heads) {
        String head = heads.getFirst();
        int from = head.indexOf("X-Request-Id: ") + "X-Request-Id: ".length();
        return head.substring(from, head.indexOf('\r', from));
    }

    private static Serving.ProxyTarget url(int port) {
        return new Serving.ProxyTarget.Upstream("http://127.0.0.1:" + port + "/base/");
    }

    private ByteConnection client(Serving.ProxyTarget target) throws IOException {
        return client(target, ProxyLimits.DEFAULT);
    }

    private ByteConnection client(Serving.ProxyTarget to, ProxyLimits limits) throws IOException {
        EventLoops loops = open(EventLoops.start("proxy-test", 2));
        UpstreamClient upstreams =
                open(
                        UpstreamClient.start(
                                loops,
                                UpstreamLimits.ofThisMachine(),
                                UpstreamTrust.ofThisMachine()));
        ProxyClient proxy = new ProxyClient(upstreams, limits);
        ProxyCaller.Target target = proxy.target(to);
        ProxyCaller.AnswerFields fields =
                new ProxyCaller.AnswerFields(List.of("X-Version", "ours"), false);
        server =
                HttpServer.builder(exchange ->
                                proxy.pass(exchange, target, fields, null, new Recorded(exchange)))
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loops(loops)
                        .start();
        HttpServer started = server;
        opened.add(() -> started.close(Duration.ofMillis(100)));
        return open(ByteConnection.open(server.address()));
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    /// Answers failures with their kind, and notes the end.
    private final class Recorded implements ProxyCaller.Completion {
        private final Exchange exchange;

        Recorded(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void failed(CallFailure failure) {
            boolean late = failure.kind() == CallFailure.Kind.TIMEOUT;
            var answer = exchange.answer(late ? 504 : 502);
            answer.body().writeUtf8("{" + failure.message() + "}");
            answer.send();
        }

        @Override
        public void ended(int status, CallOutcome outcome) {
            ended.add(status + " " + outcome);
        }
    }
}
