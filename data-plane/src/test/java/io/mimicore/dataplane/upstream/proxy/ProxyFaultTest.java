package io.mimicore.dataplane.upstream.proxy;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Scripts;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Targets and clients that end early, say nothing, or are not what they claim to be.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyFaultTest {
    private final ProxyFixture proxy = new ProxyFixture();

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    @Test
    void answer_beforeTheBodyIsRead_arrives() throws IOException {
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(
                                Scripts.onceAndWait(
                                        "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno")));
        ByteConnection client = proxy.client(target);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000000\r\n\r\nx");
        assertThat(client.readHead()).startsWith("HTTP/1.1 413 ").contains("Connection: close");
        assertThat(client.rest()).isEqualTo("no");
        eventually(ProxyFixture.PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @Test
    void client_halfClosed_getsItsAnswer() throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.onceAndWait(ProxyFixture.OK)));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET).endOutput();
        assertThat(client.rest()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\n"
                        + "Content-Length: 1\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\n\r\n\r\n",
                "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b",
                ""
            })
    void response_thatIsNone_is502(String bytes) throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.once(bytes)));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("502 BROKEN"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshortx\r\n"
            })
    void response_whoseLengthLies_isNeverEndedAsWhole(String bytes) throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.once(bytes)));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        assertThat(client.rest()).contains("short").doesNotContain("0\r\n\r\n");
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("502 BROKEN"));
    }

    @Test
    void target_gone_is502_andServedWhenBack() throws IOException {
        int port = ByteServer.freePort();
        ByteConnection client = proxy.client(ProxyFixture.url(port), ProxyLimits.DEFAULT);
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("502 CONNECT"));
        proxy.open(ByteServer.tcp(port, Scripts.always(ProxyFixture.OK)));
        client.readTo("}");
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void pooledConnection_closedMeanwhile_isReplacedForAnIdempotentRequest() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            requests.incrementAndGet();
                            connection.send(ProxyFixture.OK);
                            connection.readHead();
                            requests.incrementAndGet();
                            // Closes without an answer, as a server does whose patience has just
                            // ended.
                        }));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET).readHead();
        client.read(2);
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        client.read(2);
        assertThat(requests).hasValue(3);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx");
        assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
        assertThat(requests).hasValue(4);
    }

    @Test
    void target_silent_is504() throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(ByteConnection::rest));
        ByteConnection client = proxy.client(target, ProxyFixture.SHORT);
        client.send(ProxyFixture.GET);
        assertThat(client.readHead()).startsWith("HTTP/1.1 504 ");
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("504 TIMEOUT"));
        eventually(ProxyFixture.PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @Test
    void target_silentWithinTheBody_breaksTheAnswerOff() throws IOException {
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(connection -> {
                            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
                            connection.rest();
                        }));
        ByteConnection client = proxy.client(target, ProxyFixture.SHORT);
        client.send(ProxyFixture.GET);
        assertThat(client.rest()).startsWith("HTTP/1.1 ");
        eventually(ProxyFixture.PATIENCE, () -> assertThat(proxy.ended()).hasSize(1));
    }

    @Test
    void client_thatSendsNoBody_is408() throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(ByteConnection::rest));
        ByteConnection client = proxy.client(target, ProxyFixture.SHORT);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nab");
        assertThat(client.readHead()).startsWith("HTTP/1.1 408 ");
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("408 CANCELLED"));
        eventually(ProxyFixture.PATIENCE, () -> assertThat(target.open()).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"})
    void client_reset_endsTheRequestToTheTarget(String sent) throws IOException {
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.onceAndWait(sent)));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET);
        if (sent.isEmpty()) {
            eventually(ProxyFixture.PATIENCE, () -> assertThat(target.open()).isOne());
        } else {
            client.readTo("ab");
        }
        client.reset();
        eventually(
                ProxyFixture.PATIENCE,
                () -> assertThat(proxy.ended()).containsExactly("0 CANCELLED"));
        eventually(ProxyFixture.PATIENCE, () -> assertThat(target.open()).isZero());
    }
}
