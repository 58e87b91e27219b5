package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.CallReply;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.transport.EventLoops;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls over HTTP/2 to a peer that says frame by frame what becomes of each stream.
class Http2UpstreamTest {
    @TempDir private Path directory;
    private final EventLoops loops = EventLoops.start("http2-test", 1);
    private final List<AutoCloseable> opened = new ArrayList<>(List.of(loops));

    @SuppressWarnings("NullAway.Init") // start() sets it
    private Http2Peer peer;

    @SuppressWarnings("NullAway.Init") // start() sets it
    private UpstreamClient client;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void goAway_leavingTheStreamOut_isSentAgainElsewhere(String method) throws Exception {
        start((connection, stream, request) -> {
            if (request == 1) {
                connection.goAway(0);
            } else {
                connection.ok(stream, "second");
            }
        });
        assertThat(call(method)).isEqualTo("200 second");
        assertThat(peer.requests()).isEqualTo(2);
        assertThat(peer.connections()).isEqualTo(2);
    }

    @Test
    void goAway_everyTime_isTriedTwiceAndNoMore() throws Exception {
        start((connection, _, _) -> connection.goAway(0));
        assertThat(call("GET")).startsWith("BROKEN");
        assertThat(peer.requests()).isEqualTo(2);
    }

    @Test
    void goAway_takingTheStreamIn_isAnsweredAndTheConnectionIsLeft() throws Exception {
        start((connection, stream, request) -> {
            if (request == 1) {
                connection.head(stream);
                connection.goAway(stream);
                connection.body(stream, "first");
            } else {
                connection.ok(stream, "second");
            }
        });
        assertThat(call("GET")).isEqualTo("200 first");
        assertThat(call("GET")).isEqualTo("200 second");
        assertThat(peer.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void reset_ofARefusedStream_isSentAgainOnce(String method) throws Exception {
        start((connection, stream, request) -> {
            if (request == 1) {
                connection.reset(stream, Http2Peer.REFUSED_STREAM);
            } else {
                connection.ok(stream, "second");
            }
        });
        assertThat(call(method)).isEqualTo("200 second");
        assertThat(peer.requests()).isEqualTo(2);
    }

    @Test
    void reset_ofAStreamThatWasLookedAt_failsThatCallAlone() throws Exception {
        start((connection, stream, request) -> {
            if (request == 2) {
                connection.head(stream);
                connection.reset(stream, Http2Peer.INTERNAL_ERROR);
            } else if (request == 3) {
                connection.reset(stream, Http2Peer.INTERNAL_ERROR);
            } else {
                connection.ok(stream, "fine");
            }
        });
        assertThat(call("GET")).isEqualTo("200 fine");
        assertThat(call("GET")).isEqualTo("BROKEN the upstream reset the stream");
        assertThat(call("GET")).isEqualTo("BROKEN the upstream reset the stream");
        assertThat(call("GET")).isEqualTo("200 fine");
        assertThat(peer.requests()).isEqualTo(4);
        assertThat(peer.connections()).isEqualTo(1);
    }

    @Test
    void connection_closedUnderAnIdleClient_isReplacedForAGetAndNotForAPost() throws Exception {
        start((connection, stream, request) -> {
            if (request % 2 == 0) {
                connection.close();
            } else {
                connection.ok(stream, "fine");
            }
        });
        assertThat(call("GET")).isEqualTo("200 fine");
        // Its connection closes under it; over a fresh one it is answered.
        assertThat(call("GET")).isEqualTo("200 fine");
        assertThat(call("POST")).startsWith("BROKEN");
        assertThat(peer.requests()).isEqualTo(4);
    }

    private void start(Http2Peer.Script script) throws IOException, GeneralSecurityException {
        peer = Http2Peer.start(directory, script);
        opened.add(peer);
        client =
                UpstreamClient.start(
                        loops, UpstreamLimits.ofThisMachine(), UpstreamTrust.of(peer.trust()));
        opened.add(client);
    }

    /// Makes a call and says what became of it.
    private String call(String method) {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        var completion =
                new UpstreamCaller.Completion() {
                    @Override
                    public void completed(CallReply reply) {
                        outcome.complete(reply.status() + " " + new String(reply.body(), UTF_8));
                    }

                    @Override
                    public void failed(CallFailure failure) {
                        outcome.complete(failure.kind() + " " + failure.message());
                    }
                };
        var request =
                new CallRequest(
                        method,
                        "/x".getBytes(ISO_8859_1),
                        "localhost".getBytes(ISO_8859_1),
                        HeaderBlock.EMPTY,
                        List.of(),
                        method.equals("POST") ? "{}".getBytes(UTF_8) : null,
                        20_000);
        Authority authority = new Authority(true, "localhost", peer.port());
        loops.group().execute(() -> client.call(client.upstream(authority), request, completion));
        return outcome.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
