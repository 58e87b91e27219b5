package io.mimicore.dataplane.upstream.proxy;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.Serving;
import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Scripts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What of a message goes through, and how it is framed on the other side.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyMessageTest {
    private final ProxyFixture proxy = new ProxyFixture();

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    @Test
    void request_overUnixSocket_keepsItsHostAndLosesWhatIsNotForTheTarget(@TempDir Path directory)
            throws IOException {
        Path socket = directory.resolve("s");
        List<String> heads = new CopyOnWriteArrayList<>();
        proxy.open(
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
        ByteConnection client =
                proxy.client(
                        new Serving.ProxyTarget.UnixSocket(socket.toString()), ProxyLimits.DEFAULT);
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
    void request_ofATrustedProxy_keepsWhereItComesFrom() throws IOException {
        List<String> heads = new CopyOnWriteArrayList<>();
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(connection -> {
                            heads.add(connection.readHead());
                            connection.send(ProxyFixture.OK);
                        }));
        proxy.trust("127.0.0.0/8");
        ByteConnection client = proxy.client(target);
        client.send(
                "GET /a HTTP/1.1\r\n"
                        + "Host: front\r\n"
                        + "X-Forwarded-For: 1.2.3.4\r\n"
                        + "X-Forwarded-For: 10.0.0.7, 10.0.0.8\r\n"
                        + "X-Forwarded-Proto: https\r\n"
                        + "X-Real-IP: 1.2.3.4\r\n"
                        + "Forwarded: for=1.2.3.4;proto=https\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(heads.getFirst().lines().filter(line -> line.matches("(X-F|X-Real|Forw).*")))
                .containsExactly(
                        "X-Forwarded-Proto: https",
                        "X-Real-IP: 1.2.3.4",
                        "X-Forwarded-For: 1.2.3.4, 10.0.0.7, 10.0.0.8, 127.0.0.1",
                        "X-Forwarded-Host: front",
                        "Forwarded: for=1.2.3.4;proto=https,"
                                + " for=127.0.0.1;proto=http;host=\"front\"");
    }

    @Test
    void requests_keptAlive_shareOneConnection() throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.always(ProxyFixture.OK)));
        ByteConnection client = proxy.client(target);
        for (int i = 0; i < 20; i++) {
            client.send(ProxyFixture.GET);
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.read(2)).isEqualTo("ok");
        }
        assertThat(target.accepted()).isEqualTo(1);
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).hasSize(20).allMatch("200 OK"::equals));
    }

    @Test
    void body_chunkedWithTrailers_passesBothWays() throws IOException {
        ByteServer target =
                proxy.open(
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
        ByteConnection client = proxy.client(target);
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
                proxy.open(
                        ByteServer.tcp(connection -> {
                            assertThat(connection.readHead()).contains("Expect: 100-continue\r\n");
                            connection.send("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
                            connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                            connection.send(ProxyFixture.OK.replace("ok", connection.read(2)));
                        }));
        ByteConnection client = proxy.client(target);
        client.send(
                "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertThat(client.readHead()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
        assertThat(client.readHead()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        client.send("hi");
        client.readHead();
        assertThat(client.read(2)).isEqualTo("hi");
    }

    @Test
    void http10Client_getsABodyOfUnknownLengthUntilClose() throws IOException {
        ByteServer target =
                proxy.open(ByteServer.tcp(Scripts.once("HTTP/1.1 200 OK\r\n\r\nuntil close")));
        ByteConnection client = proxy.client(target);
        client.send("GET / HTTP/1.0\r\nHost: t\r\n\r\n");
        assertThat(client.rest()).contains("Connection: close").endsWith("\r\n\r\nuntil close");
    }

    @Test
    void head_hasTheLengthAndNoBody() throws IOException {
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(
                                Scripts.always(
                                        "HTTP/1.1 200 OK\r\n" + "Content-Length: 77\r\n\r\n")));
        ByteConnection client = proxy.client(target);
        for (int i = 0; i < 2; i++) {
            client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.readHead()).contains("Content-Length: 77\r\n");
        }
        assertThat(target.accepted()).isEqualTo(1);
    }

    @Test
    void upgrade_carriesBytesUntilBothEndsEnd() throws IOException {
        ByteServer target =
                proxy.open(
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
        ByteConnection client = proxy.client(target);
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
        eventually(
                ProxyFixture.PATIENCE, () -> assertThat(proxy.ended()).containsExactly("101 OK"));
    }

    private static String id(List<String> heads) {
        String head = heads.getFirst();
        int from = head.indexOf("X-Request-Id: ") + "X-Request-Id: ".length();
        return head.substring(from, head.indexOf('\r', from));
    }
}
