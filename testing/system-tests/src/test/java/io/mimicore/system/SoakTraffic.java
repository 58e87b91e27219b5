package io.mimicore.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// What clients of all kinds do to a program at the same time, again and again until they are told
/// to stop. Each knows what it has to get; anything else is a failure. Thread-safe.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
final class SoakTraffic implements AutoCloseable {
    private static final String API = "soak.localhost";
    private static final String PROXY = "soak_proxy.localhost";
    private static final String GET = " HTTP/1.1\r\nHost: ";
    private static final int FAILURES_MAX = 50;

    private final InetSocketAddress address;
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicLong> done = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    private SoakTraffic(InetSocketAddress address) {
        this.address = address;
    }

    /// One thing that a client does; fails with an assertion or an [IOException].
    interface Act {
        /// @param turn 0, 1, …
        void once(long turn) throws IOException;
    }

    /// Starts everybody.
    static SoakTraffic start(InetSocketAddress address) {
        SoakTraffic traffic = new SoakTraffic(address);
        traffic.kept("static", 5, traffic::asksForTheStatic);
        traffic.kept("template", 5, traffic::rendersATemplate);
        traffic.kept("code", 10, traffic::callsCode);
        traffic.kept("failing code", 50, traffic::callsFailingCode);
        traffic.kept("calls", 10, traffic::callsUpstreams);
        traffic.kept("failing calls", 40, traffic::callsFailingUpstreams);
        traffic.kept("passed on", 10, traffic::passesABodyOn);
        traffic.kept("passed on badly", 40, traffic::isPassedOnToFailure);
        traffic.act("come and go", 20, traffic::comesAndGoes);
        traffic.act("half a request", 30, traffic::leavesHalfway);
        traffic.act("left call", 60, traffic::leavesACall);
        traffic.act("slow reader", 50, traffic::readsSlowly);
        traffic.act("tunnel", 50, traffic::talksInATunnel);
        return traffic;
    }

    /// A client that acts every so many milliseconds.
    void act(String name, int paceMillis, Act act) {
        AtomicLong count = done.computeIfAbsent(name, _ -> new AtomicLong());
        threads.add(Thread.ofVirtual().name(name).start(() -> run(name, paceMillis, act, count)));
    }

    /// How often each thing was done.
    Map<String, Long> done() {
        Map<String, Long> counts = new TreeMap<>();
        done.forEach((name, count) -> counts.put(name, count.get()));
        return counts;
    }

    /// What did not go as it had to, the first 50.
    List<String> failures() {
        return List.copyOf(failures);
    }

    /// Stops everybody and waits for the last answers.
    void finish() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                if (!thread.join(Duration.ofMinutes(2))) {
                    failures.add(thread.getName() + ": hangs");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a client does over a connection that it keeps for a hundred turns.
    private interface KeptAct {
        void once(RawConnection connection, long turn);
    }

    private void kept(String name, int paceMillis, KeptAct act) {
        act(
                name,
                paceMillis,
                turn -> {
                    try (RawConnection connection = RawConnection.open(address)) {
                        for (int i = 0; i < 100 && !stopped; i++) {
                            act.once(connection, 100 * turn + i);
                            pause(paceMillis);
                        }
                    }
                });
    }

    private void run(String name, int paceMillis, Act act, AtomicLong count) {
        for (long turn = 0; !stopped; turn++) {
            try {
                act.once(turn);
                count.incrementAndGet();
            } catch (IOException | UncheckedIOException | AssertionError e) {
                if (failures.size() < FAILURES_MAX) {
                    failures.add(name + ", turn " + turn + ": " + e);
                }
            }
            pause(paceMillis);
        }
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private void asksForTheStatic(RawConnection connection, long turn) {
        require(connection.send(RawRequest.get(API, "/static")), 200, "static");
    }

    private void rendersATemplate(RawConnection connection, long turn) {
        String text = "v".repeat(1 + (int) (turn * 37 % 20_000));
        RawRequest request = RawRequest.post(API, "/template", "{\"v\":\"" + text + "\"}");
        require(connection.send(request), 200, "{\"v\":\"" + text + "\"}");
    }

    private void callsCode(RawConnection connection, long turn) {
        require(connection.send(RawRequest.get(API, "/code?n=" + turn)), 200, "" + 2 * turn);
    }

    private void callsFailingCode(RawConnection connection, long turn) {
        RawResponse response = connection.send(RawRequest.get(API, "/panic?n=1"));
        assertThat(response.status()).as(response.body()).isEqualTo(500);
    }

    private void callsUpstreams(RawConnection connection, long turn) {
        require(connection.send(RawRequest.get(API, "/calls")), 200, "{\"a\":7,\"b\":7}");
    }

    private void callsFailingUpstreams(RawConnection connection, long turn) {
        if (turn % 2 == 0) {
            require(connection.send(RawRequest.get(API, "/safe")), 200, "instead");
        } else {
            RawResponse response = connection.send(RawRequest.get(API, "/broken"));
            assertThat(response.status()).as(response.body()).isEqualTo(502);
        }
    }

    private void passesABodyOn(RawConnection connection, long turn) {
        String text = "p".repeat(1 + (int) (turn * 7919 % 200_000));
        require(connection.send(RawRequest.post(PROXY, "/echo", text)), 200, text);
    }

    private void isPassedOnToFailure(RawConnection connection, long turn) {
        RawResponse response = connection.send(RawRequest.get(PROXY, "/reset"));
        assertThat(response.status()).as(response.body()).isEqualTo(502);
    }

    private void comesAndGoes(long turn) {
        try (RawConnection connection = RawConnection.open(address)) {
            require(connection.send(RawRequest.get(API, "/static")), 200, "static");
        }
    }

    private void leavesHalfway(long turn) throws IOException {
        try (ByteConnection connection = ByteConnection.open(address)) {
            connection.send(
                    switch ((int) (turn % 4)) {
                        case 0 -> "GET /static" + GET;
                        case 1 -> "POST /template" + GET + API + "\r\nContent-Length: 9\r\n\r\n{";
                        case 2 -> "PUT /echo" + GET + PROXY + "\r\nContent-Length: 9\r\n\r\nx";
                        default -> "";
                    });
            if (turn % 8 < 4) {
                connection.reset();
            }
        }
    }

    private void leavesACall(long turn) throws IOException {
        try (ByteConnection connection = ByteConnection.open(address)) {
            String host = turn % 2 == 0 ? API : PROXY;
            connection.send("GET /never" + GET + host + "\r\n\r\n");
            pause(20);
            connection.reset();
        }
    }

    private void readsSlowly(long turn) throws IOException {
        try (ByteConnection connection = ByteConnection.open(address)) {
            String path = turn % 4 == 3 ? "/cut" : "/down";
            connection.send("GET " + path + GET + PROXY + "\r\n\r\n");
            assertThat(connection.readHead()).startsWith("HTTP/1.1 200 ");
            int pieces = turn % 4 == 2 ? 4 : 16;
            for (int i = 0; i < pieces; i++) {
                connection.skip(SoakTarget.DOWN_BYTES / 16);
                pause(5);
            }
            if (turn % 4 < 2) {
                assertThat(connection.readTo("0\r\nX-End: 1\r\n\r\n")).isNotEmpty();
            }
        }
    }

    private void talksInATunnel(long turn) throws IOException {
        try (ByteConnection connection = ByteConnection.open(address)) {
            connection.send(
                    "GET /tunnel"
                            + GET
                            + PROXY
                            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(connection.readHead()).startsWith("HTTP/1.1 101 ");
            for (int i = 0; i < 20; i++) {
                String word = "word " + turn + " " + i;
                connection.send(word);
                assertThat(connection.read(word.length())).isEqualTo(word);
                pause(10);
            }
            if (turn % 2 == 0) {
                connection.endOutput();
                assertThat(connection.rest()).isEmpty();
            }
        }
    }

    private static void require(RawResponse response, int status, String body) {
        assertThat(response.status()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(body);
    }

    @Override
    public void close() {
        finish();
    }
}
