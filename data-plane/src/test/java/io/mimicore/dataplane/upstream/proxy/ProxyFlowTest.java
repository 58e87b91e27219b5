package io.mimicore.dataplane.upstream.proxy;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Scripts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Large bodies and many clients: who does not take holds the other back, and nobody gets what is
/// another's.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
class ProxyFlowTest {
    private final ProxyFixture proxy = new ProxyFixture();

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    @Test
    void client_thatDoesNotRead_holdsTheTargetBack() throws IOException {
        AtomicLong sent = new AtomicLong();
        long whole = 64L << 20;
        ByteServer target = proxy.open(ByteServer.tcp(Scripts.large(whole, sent)));
        ByteConnection client = proxy.client(target);
        client.send(ProxyFixture.GET).readHead();
        awaitStall(sent);
        assertThat(sent.get()).isLessThan(whole / 2);
        assertThat(client.skip(whole)).isEqualTo(whole);
        eventually(
                ProxyFixture.PATIENCE, () -> assertThat(proxy.ended()).containsExactly("200 OK"));
    }

    @Test
    void target_thatDoesNotRead_holdsTheClientBack() throws IOException {
        long whole = 64L << 20;
        var released = new CountDownLatch(1);
        ByteServer target =
                proxy.open(
                        ByteServer.tcp(connection -> {
                            connection.readHead();
                            try {
                                released.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            if (connection.skip(whole) == whole) {
                                connection.send(ProxyFixture.OK);
                            }
                        }));
        ByteConnection client = proxy.client(target);
        client.send("PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: " + whole + "\r\n\r\n");
        AtomicLong sent = new AtomicLong();
        Thread sender =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Scripts.sendZeros(client, whole, sent);
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
                proxy.open(
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
        ByteConnection first = proxy.client(target);
        first.close();
        int port = proxy.port();
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

    private static void awaitStall(AtomicLong sent) {
        long[] before = {-1};
        int[] same = {0};
        eventually(
                ProxyFixture.PATIENCE,
                () -> {
                    long now = sent.get();
                    same[0] = now == before[0] && now > 0 ? same[0] + 1 : 0;
                    before[0] = now;
                    assertThat(same[0]).isGreaterThan(20);
                });
    }
}
