package io.mimicore.dataplane.transport;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HttpServerTest {
    private static final int BODY_BYTES_MAX = 1024 * 1024;
    private static final String HOST = "Host: t\r\n";
    private static final StaticAnswer STATIC =
            new StaticAnswer(200, List.of("Content-Type", "text/plain"), "static".getBytes(UTF_8));

    private final AtomicInteger ended = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = start(TransportLimits.DEFAULT);
    }

    @AfterEach
    void stop() {
        server.close(Duration.ofSeconds(1));
    }

    @Test
    void get_simple_isAnswered() throws IOException {
        try (RawClient client = client()) {
            String answer =
                    client.send("GET /echo?a=1 HTTP/1.1\r\nHost: T.local:80\r\n\r\n").answer();
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("\r\nContent-Length: ")
                    .contains("\r\nX-Request-Id: ")
                    .endsWith("\r\n\r\nGET /echo a=1 t.local ");
            assertThat(answer)
                    .containsPattern(
                            "\r\nDate: \\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n");
        }
    }

    @Test
    void get_splitAtEveryByte_isAnsweredTheSame() throws IOException {
        byte[] request =
                ("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"
                                + "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n")
                        .getBytes(ISO_8859_1);
        for (int split = 1; split < request.length; split++) {
            try (RawClient client = client()) {
                client.send(java.util.Arrays.copyOfRange(request, 0, split));
                client.send(java.util.Arrays.copyOfRange(request, split, request.length));
                assertThat(client.answer()).endsWith("POST /echo  t abc");
                assertThat(client.answer()).endsWith("POST /echo  t abcde");
            }
        }
    }

    @Test
    void get_byteByByte_isAnswered() throws IOException {
        try (RawClient client = client()) {
            for (byte b :
                    "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
                            .getBytes(ISO_8859_1)) {
                client.send(new byte[] {b});
            }
            assertThat(client.answer()).endsWith("POST /echo  t a");
        }
    }

    @Test
    void get_pipelined_isAnsweredInOrder() throws IOException {
        try (RawClient client = client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                String path = i % 3 == 0 ? "/later/" : i % 3 == 1 ? "/echo/" : "/static/";
                requests.append("GET ").append(path).append(i).append(" HTTP/1.1\r\n").append(HOST);
                requests.append("\r\n");
            }
            client.send(requests.toString());
            for (int i = 0; i < 200; i++) {
                String path = i % 3 == 0 ? "/later/" : "/echo/";
                assertThat(client.answer())
                        .endsWith(i % 3 == 2 ? "\r\n\r\nstatic" : "GET " + path + i + "  t ");
            }
            eventually(Duration.ofSeconds(5), () -> assertThat(ended).hasValue(200));
        }
    }

    @Test
    void staticAnswer_carriesTheClientsRequestId() throws IOException {
        try (RawClient client = client()) {
            client.send("GET /static HTTP/1.1\r\nHost: t\r\nX-Request-Id: abc-1\r\n\r\n");
            assertThat(client.answer())
                    .contains("\r\nX-Request-Id: abc-1\r\n")
                    .contains("\r\nContent-Type: text/plain\r\n")
                    .endsWith("\r\n\r\nstatic");
            client.send("GET /static HTTP/1.1\r\nHost: t\r\nX-Request-Id: not a token\r\n\r\n");
            assertThat(client.answer()).doesNotContain("not a token").contains("X-Request-Id: ");
        }
    }

    @Test
    void head_isAnsweredWithoutBody() throws IOException {
        try (RawClient client = client()) {
            client.send("HEAD /static HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(client.headOnly())
                    .contains("\r\nContent-Length: 6\r\n")
                    .endsWith("\r\n\r\n");
            client.send("GET /static HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(client.answer()).endsWith("static");
        }
    }

    @Test
    void http10_withoutKeepAlive_closesAfterTheAnswer() throws IOException {
        try (RawClient client = client()) {
            String all = client.send("GET /static HTTP/1.0\r\n\r\n").rest();
            assertThat(all).contains("\r\nConnection: close\r\n").endsWith("static");
        }
        try (RawClient client = client()) {
            client.send("GET /static HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
            assertThat(client.answer()).contains("\r\nConnection: keep-alive\r\n");
            assertThat(client.send("GET /static HTTP/1.0\r\n\r\n").rest()).endsWith("static");
        }
    }

    @Test
    void connectionClose_closesAfterTheAnswer() throws IOException {
        try (RawClient client = client()) {
            client.send("GET /static HTTP/1.1\r\nHost: t\r\nConnection: foo, close\r\n\r\n");
            assertThat(client.rest()).endsWith("static");
        }
    }

    @Test
    void absoluteForm_givesHostAndPath() throws IOException {
        try (RawClient client = client()) {
            client.send("GET http://A.b:1/echo?x HTTP/1.1\r\nHost: a.B:1\r\n\r\n");
            assertThat(client.answer()).endsWith("GET /echo x a.b ");
        }
    }

    @Test
    void expectContinue_isAskedOnlyWhenTheBodyIsWanted() throws IOException {
        try (RawClient client = client()) {
            client.send(
                    "POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.headOnly()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.send("ab");
            assertThat(client.answer()).endsWith("POST /echo  t ab");

            client.send(
                    "POST /static HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("Connection: close")
                    .endsWith("static");
        }
    }

    @Test
    void unreadSmallBody_isSkippedAndTheConnectionKept() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /static HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.answer()).endsWith("static");
            client.send("abcGET /echo HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.answer()).endsWith("GET /echo  t ");
        }
    }

    @Test
    void unreadLargeBody_closesButTheAnswerArrives() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /static HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
            client.send(new byte[200_000]);
            assertThat(client.rest()).contains("Connection: close").endsWith("static");
        }
    }

    @Test
    void body_atTheLimit_isReadAndOneByteMoreIs413() throws IOException {
        byte[] most = new byte[BODY_BYTES_MAX];
        java.util.Arrays.fill(most, (byte) 'x');
        try (RawClient client = client()) {
            client.send(
                    "POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: "
                            + most.length
                            + "\r\n\r\n");
            assertThat(client.send(most).answer()).endsWith("\r\n\r\n" + most.length);
            client.send(
                    "POST /size HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n");
            assertThat(client.send(most).send("\r\n0\r\n\r\n").answer())
                    .endsWith("\r\n\r\n" + most.length);
        }
        try (RawClient client = client()) {
            client.send("POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577\r\n\r\n");
            assertThat(client.answer())
                    .startsWith("HTTP/1.1 413 ")
                    .contains("application/problem+json")
                    .contains("urn:mimicore:problem:body-too-large");
        }
        try (RawClient client = client()) {
            client.send(
                    "POST /size HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n");
            assertThat(client.answer()).startsWith("HTTP/1.1 413 ");
        }
    }

    static Stream<Arguments> limits() {
        String line = "GET /echo?" + "q".repeat(8 * 1024 - "GET /echo? HTTP/1.1\r\n".length());
        String headers = "X: " + "v".repeat(32 * 1024 - HOST.length() - 5) + "\r\n";
        return Stream.of(
                Arguments.of(200, line + " HTTP/1.1\r\n" + HOST + "\r\n"),
                Arguments.of(414, line + "q HTTP/1.1\r\n" + HOST + "\r\n"),
                Arguments.of(414, "GET /" + "q".repeat(9_000)),
                Arguments.of(200, "GET /echo HTTP/1.1\r\n" + HOST + headers + "\r\n"),
                Arguments.of(431, "GET /echo HTTP/1.1\r\n" + HOST + "Y:\r\n" + headers + "\r\n"),
                Arguments.of(431, "GET /echo HTTP/1.1\r\n" + "X: " + "v".repeat(33 * 1024)),
                Arguments.of(200, "GET /echo HTTP/1.1\r\n" + HOST + "X: 1\r\n".repeat(99) + "\r\n"),
                Arguments.of(
                        431, "GET /echo HTTP/1.1\r\n" + HOST + "X: 1\r\n".repeat(100) + "\r\n"));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void headLimit_atItServesAndAboveItRefuses(int status, String request) throws IOException {
        try (RawClient client = client()) {
            assertThat(client.send(request).answer()).startsWith("HTTP/1.1 " + status + " ");
            if (status != 200) {
                assertThat(client.isClosedByServer()).isTrue();
            }
        }
    }

    static Stream<String> malformed() {
        return Stream.of(
                "GET /\r\n\r\n",
                "GET / HTTP/1.1\nHost: t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\rX: y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\nX: a\r\n b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\n: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\nnocolon\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\nX: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\nHost: t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t@u\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t:x\r\n\r\n",
                "GET http://u/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET u HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET /#f HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET /\u00e9 HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: t\r\n\r\n",
                "GET / http/1.1\r\nHost: t\r\n\r\n",
                "GET / Http/1.1\r\nHost: t\r\n\r\n",
                "G(T / HTTP/1.1\r\nHost: t\r\n\r\n",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n",
                "\0GET / HTTP/1.1\r\nHost: t\r\n\r\n",
                post("Content-Length: 1\r\nContent-Length: 1\r\n", "a"),
                post("Content-Length: 1, 1\r\n", "a"),
                post("Content-Length: +1\r\n", "a"),
                post("Content-Length: 0x1\r\n", "a"),
                post("Content-Length:\r\n", ""),
                post("Content-Length: -1\r\n", ""),
                post("Content-Length: 9999999999999999999999\r\n", ""),
                post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                post("Transfer-Encoding: identity\r\n", ""),
                "POST /echo HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post("Transfer-Encoding: chunked\r\n", "\r\n"),
                post("Transfer-Encoding: chunked\r\n", "x\r\n"),
                post("Transfer-Encoding: chunked\r\n", "1 \r\na\r\n0\r\n\r\n"),
                post("Transfer-Encoding: chunked\r\n", "1\na\r\n0\r\n\r\n"),
                post("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"),
                post("Transfer-Encoding: chunked\r\n", "000000001\r\na\r\n0\r\n\r\n"),
                post(
                        "Transfer-Encoding: chunked\r\n",
                        "1;" + "x".repeat(300) + "\r\na\r\n0\r\n\r\n"),
                post("Transfer-Encoding: chunked\r\n", "0\r\nT: " + "x".repeat(9000) + "\r\n\r\n"));
    }

    private static String post(String headers, String body) {
        return "POST /echo HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n" + body;
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedRequest_is400AndTheConnectionCloses(String request) throws IOException {
        try (RawClient client = client()) {
            String answer = client.send(request).answer();
            assertThat(answer)
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .contains("Content-Type: application/problem+json\r\n")
                    .contains("Connection: close\r\n")
                    .contains("\"type\":\"urn:mimicore:problem:malformed-request\"")
                    .contains("\"instance\":\"urn:mimicore:request:");
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void otherVersionsAndExpectations_haveTheirStatus() throws IOException {
        assertThat(once("GET / HTTP/2.0\r\nHost: t\r\n\r\n")).startsWith("HTTP/1.1 505 ");
        assertThat(once("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).startsWith("HTTP/1.1 505 ");
        assertThat(once("GET / HTTP/1.1\r\nHost: t\r\nExpect: magic\r\n\r\n"))
                .startsWith("HTTP/1.1 417 ");
    }

    @Test
    void emptyLineBeforeTheRequest_isOverlookedOnce() throws IOException {
        assertThat(once("\r\nGET /static HTTP/1.1\r\nHost: t\r\n\r\n")).endsWith("static");
    }

    @Test
    void overflowingBody_canBeAbortedAndAnsweredAnew() throws IOException {
        assertThat(once("GET /overflow HTTP/1.1\r\nHost: t\r\n\r\n"))
                .startsWith("HTTP/1.1 500 ")
                .endsWith("too large");
    }

    @Test
    void utf8_isEncodedAndLoneSurrogatesReplaced() throws IOException {
        String answer = once("GET /utf8 HTTP/1.1\r\nHost: t\r\n\r\n");
        byte[] body = answer.substring(answer.indexOf("\r\n\r\n") + 4).getBytes(ISO_8859_1);
        assertThat(new String(body, UTF_8)).isEqualTo("aé€😀\ufffd");
    }

    @Test
    void slowHead_is408AndSilenceIsClosed() throws IOException {
        server.close(Duration.ofSeconds(1));
        server =
                start(
                        new TransportLimits(
                                8192,
                                32768,
                                100,
                                100,
                                Duration.ofMillis(150),
                                Duration.ofMillis(150),
                                Duration.ofMillis(150)));
        try (RawClient client = client()) {
            assertThat(client.send("GET / HT").rest()).startsWith("HTTP/1.1 408 ");
        }
        try (RawClient client = client()) {
            assertThat(client.rest()).isEmpty();
        }
        try (RawClient client = client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        }
        try (RawClient client = client()) {
            client.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.answer()).endsWith("static");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void connectionsMax_oneMoreIsClosed() throws IOException {
        server.close(Duration.ofSeconds(1));
        TransportLimits d = TransportLimits.DEFAULT;
        server =
                start(
                        new TransportLimits(
                                8192,
                                32768,
                                100,
                                1,
                                d.headTimeout(),
                                d.bodyIdleTimeout(),
                                d.idleTimeout()));
        try (RawClient first = client()) {
            assertThat(first.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n").answer())
                    .endsWith("static");
            try (RawClient second = client()) {
                assertThat(second.isClosedByServer()).isTrue();
            }
        }
        eventually(Duration.ofSeconds(5), () -> assertThat(server.connections()).isZero());
        assertThat(once("GET /static HTTP/1.1\r\nHost: t\r\n\r\n")).endsWith("static");
    }

    @Test
    void goneClient_endsTheExchange() throws IOException {
        try (RawClient client = client()) {
            client.send("GET /never HTTP/1.1\r\nHost: t\r\n\r\n");
            eventually(Duration.ofSeconds(5), () -> assertThat(server.connections()).isEqualTo(1));
        }
        eventually(Duration.ofSeconds(5), () -> assertThat(ended).hasValue(1));
    }

    @Test
    void sendClientsAway_servesOnAndEndsConnections() throws IOException {
        try (RawClient idle = client();
                RawClient busy = client()) {
            idle.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(idle.answer()).endsWith("static");
            busy.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(busy.answer()).doesNotContain("Connection: close");

            server.sendClientsAway(Duration.ZERO);

            eventually(
                    Duration.ofSeconds(5),
                    () ->
                            assertThat(once("GET /static HTTP/1.1\r\nHost: t\r\n\r\n"))
                                    .contains("Connection: close")
                                    .endsWith("static"));
            busy.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(busy.rest()).contains("Connection: close").endsWith("static");
            assertThat(idle.rest()).isEmpty();
        }
    }

    @Test
    void keepClients_afterSendingThemAway_keepsConnections() throws IOException {
        server.sendClientsAway(Duration.ofHours(1));
        server.keepClients();
        server.sendClientsAway(Duration.ZERO);
        eventually(
                Duration.ofSeconds(5),
                () ->
                        assertThat(once("GET /static HTTP/1.1\r\nHost: t\r\n\r\n"))
                                .contains("Connection: close"));

        server.keepClients();

        try (RawClient client = client()) {
            client.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.answer()).doesNotContain("Connection: close");
            client.send("GET /static HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.answer()).endsWith("static");
        }
    }

    @Test
    void close_letsARunningRequestEnd() throws Exception {
        try (RawClient client = client()) {
            client.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
            eventually(Duration.ofSeconds(5), () -> assertThat(server.connections()).isEqualTo(1));
            Thread closing = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(10)));
            assertThat(client.rest()).contains("Connection: close").endsWith("GET /slow  t ");
            assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void start_portInUse_saysSo() {
        InetSocketAddress taken =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.address().getPort());
        assertThatThrownBy(
                        () -> HttpServer.builder(HttpServerTest::notFound).address(taken).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on port")
                .hasMessageContaining(String.valueOf(taken.getPort()));
    }

    private HttpServer start(TransportLimits limits) throws IOException {
        return HttpServer.builder(this::handle)
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .limits(limits)
                .threads(1)
                .start();
    }

    private String once(String request) throws IOException {
        try (RawClient client = client()) {
            return client.send(request).answer();
        }
    }

    private RawClient client() throws IOException {
        return new RawClient(server.address());
    }

    private void handle(Exchange exchange) {
        exchange.onEnd(_ -> ended.incrementAndGet());
        String path = exchange.path();
        if (path.startsWith("/static")) {
            exchange.answer(STATIC);
        } else if (path.startsWith("/echo")) {
            exchange.readBody(BODY_BYTES_MAX, body -> echo(exchange, body));
        } else if (path.startsWith("/later")) {
            Thread.ofVirtual().start(() -> exchange.execute(() -> echo(exchange, new byte[0])));
        } else if (path.startsWith("/slow")) {
            exchange.schedule(300, () -> echo(exchange, new byte[0]));
        } else if (path.startsWith("/size")) {
            exchange.readBody(
                    BODY_BYTES_MAX, body -> text(exchange, 200, Integer.toString(body.length)));
        } else if (path.startsWith("/utf8")) {
            text(exchange, 200, "aé€😀\ud800");
        } else if (path.startsWith("/overflow")) {
            overflow(exchange);
        } else if (!path.startsWith("/never")) {
            notFound(exchange);
        }
    }

    private static void overflow(Exchange exchange) {
        Answer answer = exchange.answer(200);
        byte[] mebibyte = new byte[1024 * 1024];
        try {
            while (true) {
                answer.body().write(mebibyte);
            }
        } catch (io.mimicore.dataplane.http.ByteSink.Overflow _) {
            answer.abort();
            text(exchange, 500, "too large");
        }
    }

    private static void notFound(Exchange exchange) {
        text(exchange, 404, "");
    }

    private static void echo(Exchange exchange, byte[] body) {
        text(
                exchange,
                200,
                exchange.method()
                        + " "
                        + exchange.path()
                        + " "
                        + exchange.query()
                        + " "
                        + exchange.host()
                        + " "
                        + new String(body, ISO_8859_1));
    }

    private static void text(Exchange exchange, int status, String text) {
        Answer answer = exchange.answer(status);
        answer.body().writeUtf8(text);
        answer.send();
    }
}
