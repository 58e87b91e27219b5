package io.mimicore.dataplane.upstream;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.CallReply;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.transport.EventLoops;
import io.mimicore.testkit.process.RawServer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls over real sockets of loopback, on one event loop.
class UpstreamClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final UpstreamLimits LIMITS =
            new UpstreamLimits(4, 8, 4, 100, 2_000, 500, 30_000, 64 * 1024, 1024 * 1024);

    private final EventLoops loops = EventLoops.start("upstream-test", 1);
    private UpstreamClient client =
            UpstreamClient.start(loops, LIMITS, UpstreamTrust.ofThisMachine());

    @AfterEach
    void nothing_isLeftOpen() {
        client.close();
        // The servers are gone, and with them the connections that were idle.
        eventually(
                PATIENCE,
                () -> {
                    assertThat(client.counts().connections().sum()).isZero();
                    assertThat(client.counts().waiting().sum()).isZero();
                    assertThat(client.counts().bufferedBytes().get()).isZero();
                });
        loops.close();
    }

    /// How a call ended.
    private record Outcome(@Nullable CallReply reply, @Nullable CallFailure failure) {
        String text() {
            if (reply != null) {
                return reply.status() + " " + new String(reply.body(), UTF_8);
            }
            CallFailure why = requireNonNull(failure, "failure");
            return why.kind() + " " + why.message();
        }
    }

    @Test
    void calls_oneAfterTheOther_useOneConnection() {
        try (RawServer server = RawServer.answering(target -> "\"" + target + "\"")) {
            for (int i = 0; i < 20; i++) {
                assertThat(get(server, "/" + i).text()).isEqualTo("200 \"/" + i + "\"");
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void upstream_askedForAgain_hasTheSameConnections() {
        try (RawServer server = RawServer.answering(_ -> "1")) {
            get(server, "/a");
            System.gc();
            assertThat(client.upstream(authority(server)))
                    .isSameAs(client.upstream(authority(server)));
            get(server, "/b");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void idleConnection_closedByTheServer_isReplacedUnnoticed() {
        AtomicInteger answered = new AtomicInteger();
        try (RawServer server =
                RawServer.start((_, peer) -> {
                    // Every second request of a connection finds it closed.
                    if (answered.getAndIncrement() % 2 == 0) {
                        peer.json(200, "1");
                    } else {
                        peer.reset();
                    }
                })) {
            for (int i = 0; i < 10; i++) {
                assertThat(get(server, "/" + i).text()).isEqualTo("200 1");
            }
        }
    }

    @Test
    void post_onAConnectionThatDied_isNotSentTwice() {
        AtomicInteger answered = new AtomicInteger();
        try (RawServer server =
                RawServer.start((_, peer) -> {
                    if (answered.getAndIncrement() == 0) {
                        peer.json(200, "1");
                    } else {
                        peer.reset();
                    }
                })) {
            get(server, "/first");
            Outcome outcome = await(server, request("POST", "/second", "{}", 5_000));
            assertThat(outcome.text()).startsWith("BROKEN");
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void get_onANewConnectionThatDied_isNotSentTwice() {
        try (RawServer server = RawServer.start((_, peer) -> peer.reset())) {
            assertThat(get(server, "/x").text()).startsWith("BROKEN");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void calls_moreThanConnections_waitThenAreTurnedAway() {
        CompletableFuture<Boolean> gate = new CompletableFuture<>();
        try (RawServer server =
                RawServer.start((_, peer) -> {
                    gate.join();
                    peer.json(200, "1");
                })) {
            List<CompletableFuture<Outcome>> running = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                running.add(start(server, request("GET", "/" + i, null, 20_000)));
            }
            assertThat(running.get(8).join().text()).startsWith("BUSY");
            eventually(PATIENCE, () -> assertThat(client.counts().waiting().sum()).isEqualTo(4));
            gate.complete(true);
            for (CompletableFuture<Outcome> each : running.subList(0, 8)) {
                assertThat(each.join().text()).isEqualTo("200 1");
            }
            assertThat(server.connections()).isEqualTo(4);
        }
    }

    @Test
    void call_notAnswered_endsAtItsTimeAndClosesItsConnection() {
        try (RawServer server = RawServer.start((_, peer) -> peer.awaitClose())) {
            long start = System.nanoTime();
            Outcome outcome = await(server, request("GET", "/x", null, 200));
            assertThat(outcome.text()).isEqualTo("TIMEOUT not done after 200 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
            eventually(PATIENCE, () -> assertThat(server.closedConnections()).isEqualTo(1));
        }
    }

    @Test
    void call_waitingForAConnection_endsAtItsTime() {
        try (RawServer server = RawServer.start((_, peer) -> peer.awaitClose())) {
            List<CompletableFuture<Outcome>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                running.add(start(server, request("GET", "/" + i, null, 2_000)));
            }
            assertThat(await(server, request("GET", "/late", null, 100)).text())
                    .isEqualTo("TIMEOUT not done after 100 ms");
            running.forEach(each -> assertThat(each.join().text()).startsWith("TIMEOUT"));
        }
    }

    @Test
    void call_cancelled_closesItsConnectionAndSaysNothing() {
        try (RawServer server = RawServer.start((_, peer) -> peer.awaitClose())) {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            UpstreamCaller.Running running =
                    onLoop(() ->
                            client.call(
                                    client.upstream(authority(server)),
                                    request("GET", "/x", null, 20_000),
                                    completion(outcome)));
            eventually(PATIENCE, () -> assertThat(server.requests()).hasSize(1));
            onLoop(() -> {
                running.cancel();
                return true;
            });
            eventually(PATIENCE, () -> assertThat(server.closedConnections()).isEqualTo(1));
            assertThat(outcome).isNotDone();
        }
    }

    @Test
    void response_largerThanTheLimit_fails() {
        try (RawServer server =
                RawServer.start((_, peer) -> peer.json(200, "x".repeat(64 * 1024 + 1)))) {
            assertThat(get(server, "/x").text())
                    .isEqualTo("TOO_LARGE the response is larger than 65536 bytes");
        }
        try (RawServer server =
                RawServer.start((_, peer) -> peer.json(200, "x".repeat(64 * 1024)))) {
            assertThat(requireNonNull(get(server, "/x").reply()).body()).hasSize(64 * 1024);
        }
    }

    @Test
    void response_coded_fails() {
        try (RawServer server =
                RawServer.start((_, peer) ->
                        peer.send(
                                "HTTP/1.1 200 OK\r\n"
                                        + "Content-Encoding: gzip\r\n"
                                        + "Content-Length: 1\r\n\r\n"
                                        + "x"))) {
            assertThat(get(server, "/x").text()).startsWith("BODY").contains("gzip");
        }
    }

    @Test
    void upstream_thatNobodyListensAt_failsAtOnce() {
        RawServer gone = RawServer.answering(_ -> "1");
        gone.close();
        assertThat(get(gone, "/x").text()).isEqualTo("CONNECT the connection was refused");
    }

    @Test
    void name_withoutAddress_fails() {
        assertThat(
                        await(
                                        new Authority(false, "no-such-host.invalid", 80),
                                        request("GET", "/", null, 20_000))
                                .text())
                .isEqualTo("CONNECT the host's name has no address");
    }

    @Test
    void name_withADeadAddress_goesOnToTheNext() throws IOException {
        InetAddress dead = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        InetAddress alive = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        client.close();
        client =
                UpstreamClient.start(
                        loops,
                        LIMITS,
                        UpstreamTrust.ofThisMachine(),
                        new AddressBook(
                                _ -> new AddressBook.Answer(List.of(dead, alive), 1),
                                System::nanoTime));
        try (RawServer server = RawServer.answering(_ -> "1")) {
            assertThat(
                            await(
                                            new Authority(false, "two.example", server.port()),
                                            request("GET", "/", null, 20_000))
                                    .text())
                    .isEqualTo("200 1");
        }
    }

    @Test
    void tls_toAServerThatSpeaksNone_fails() {
        try (RawServer server =
                RawServer.start((_, peer) -> peer.send("HTTP/1.1 400 No TLS\r\n\r\n"))) {
            assertThat(
                            await(
                                            new Authority(true, "127.0.0.1", server.port()),
                                            request("GET", "/", null, 4_000))
                                    .text())
                    .matches("(CONNECT|TIMEOUT) .*");
        }
    }

    private Outcome get(RawServer server, String target) {
        return await(server, request("GET", target, null, 20_000));
    }

    private Outcome await(RawServer server, CallRequest request) {
        return await(authority(server), request);
    }

    private Outcome await(Authority authority, CallRequest request) {
        return start(authority, request).orTimeout(30, TimeUnit.SECONDS).join();
    }

    private CompletableFuture<Outcome> start(RawServer server, CallRequest request) {
        return start(authority(server), request);
    }

    private CompletableFuture<Outcome> start(Authority authority, CallRequest request) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        loops.group()
                .execute(() ->
                        client.call(client.upstream(authority), request, completion(outcome)));
        return outcome;
    }

    private <T> T onLoop(Callable<T> work) {
        return loops.group().submit(work).syncUninterruptibly().getNow();
    }

    private static UpstreamCaller.Completion completion(CompletableFuture<Outcome> outcome) {
        return new UpstreamCaller.Completion() {
            @Override
            public void completed(CallReply reply) {
                outcome.complete(new Outcome(reply, null));
            }

            @Override
            public void failed(CallFailure failure) {
                outcome.complete(new Outcome(null, failure));
            }
        };
    }

    private static Authority authority(RawServer server) {
        return new Authority(false, "127.0.0.1", server.port());
    }

    private static CallRequest request(
            String method, String target, @Nullable String body, int millis) {
        return new CallRequest(
                method,
                target.getBytes(ISO_8859_1),
                "upstream".getBytes(ISO_8859_1),
                HeaderBlock.EMPTY,
                List.of(),
                body == null ? null : body.getBytes(UTF_8),
                millis);
    }
}
