package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RemoteArtifactsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Digest DIGEST = Digest.of("artifact".getBytes(UTF_8));

    private final LinkedBlockingQueue<Consumer<StreamObserver<LocateResponse>>> answers =
            new LinkedBlockingQueue<>();
    private final List<Boolean> inline = new CopyOnWriteArrayList<>();
    private final AtomicInteger locates = new AtomicInteger();
    private final AtomicInteger downloads = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);
    private Server server;
    private ManagedChannel channel;
    private HttpServer store;

    @BeforeEach
    void start() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name).addService(new Endpoint()).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
        store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @AfterEach
    void stop() {
        release.countDown();
        channel.shutdownNow();
        server.shutdownNow();
        store.stop(0);
    }

    @Test
    void fetch_streamed_putsThePiecesTogether() throws Exception {
        answers.add(out -> {
            out.onNext(chunk("art"));
            out.onNext(chunk("ifact"));
            out.onCompleted();
        });

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
    }

    @Test
    void fetch_located_downloads() throws Exception {
        answers.add(out -> locate(out, serve(200)));

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
    }

    @Test
    void fetch_storeFailsOnce_getsAnotherUrl() throws Exception {
        answers.add(out -> locate(out, serve(503)));
        answers.add(out -> locate(out, serve(200)));

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
    }

    @Test
    void fetch_storeFailsTwice_saysSoWithoutTheSignedUrl() {
        answers.add(out -> locate(out, serve(503)));
        answers.add(out -> locate(out, serve(500)));

        assertThatThrownBy(() -> fetch(PATIENCE))
                .isInstanceOf(IOException.class)
                .hasMessage("the artifact store answered 500 (expected: 200)");
        assertThat(locates).hasValue(2);
        assertThat(inline).containsExactly(false, false);
    }

    @Test
    void fetch_storeDoesNotTakeTheSignature_getsTheBytesFromTheControlPlane() throws Exception {
        answers.add(out -> locate(out, serve(403)));
        answers.add(out -> {
            out.onNext(chunk("artifact"));
            out.onCompleted();
        });

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
        assertThat(inline).containsExactly(false, true);
    }

    @Test
    void fetch_storeOutOfReach_getsTheBytesFromTheControlPlane() throws Exception {
        // Nobody listens there any more.
        String nowhere = serve(200);
        store.stop(0);
        answers.add(out -> locate(out, nowhere));
        answers.add(out -> {
            out.onNext(chunk("artifact"));
            out.onCompleted();
        });

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
        assertThat(inline).containsExactly(false, true);
    }

    @Test
    void fetch_nobodyHasIt_isNotTriedAgain() {
        answers.add(out ->
                out.onError(
                        Status.NOT_FOUND.withDescription("it is not there").asRuntimeException()));

        assertThatThrownBy(() -> fetch(PATIENCE))
                .isInstanceOf(IOException.class)
                .hasMessage("it is not there");
        assertThat(locates).hasValue(1);
    }

    @Test
    void fetch_controlPlaneBreaksOff_isTriedAgain() throws Exception {
        answers.add(out -> {
            out.onNext(chunk("art"));
            out.onError(Status.UNAVAILABLE.asRuntimeException());
        });
        answers.add(out -> {
            out.onNext(chunk("artifact"));
            out.onCompleted();
        });

        assertThat(fetch(PATIENCE)).isEqualTo("artifact".getBytes(UTF_8));
    }

    @Test
    void fetch_controlPlaneNeverAnswers_endsInTime() {
        answers.add(_ -> {});
        answers.add(_ -> {});

        assertThatThrownBy(() -> fetch(Duration.ofMillis(50)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("DEADLINE_EXCEEDED");
    }

    @Test
    void fetch_storeStopsInTheBody_endsInTime() {
        answers.add(out -> locate(out, stall()));
        answers.add(out -> locate(out, stall()));

        assertThatThrownBy(() -> fetch(Duration.ofSeconds(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was slower than");
    }

    @Test
    void fetch_noUrlOfHttp_isRefused() {
        for (String url : new String[] {"file:///etc/passwd", "http://", "::", "relative"}) {
            answers.add(out -> locate(out, url));
            answers.add(out -> locate(out, url));

            assertThatThrownBy(() -> fetch(PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessage("url: (expected: one of http or https)");
        }
    }

    @Test
    void fetch_interrupted_ends() throws Exception {
        var asked = new CountDownLatch(1);
        answers.add(_ -> asked.countDown());
        var failure = new AtomicReference<Throwable>();
        Thread fetching =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                fetch(PATIENCE);
                            } catch (IOException | InterruptedException e) {
                                failure.set(e);
                            }
                        });
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

        fetching.interrupt();

        assertThat(fetching.join(PATIENCE)).isTrue();
        assertThat(failure.get()).isInstanceOf(InterruptedException.class);
        assertThat(locates).hasValue(1);
    }

    private byte[] fetch(Duration patience) throws IOException, InterruptedException {
        try (var artifacts = new RemoteArtifacts(() -> channel, patience)) {
            return artifacts.fetch(DIGEST);
        }
    }

    private static LocateResponse chunk(String text) {
        return LocateResponse.newBuilder().setChunk(ByteString.copyFromUtf8(text)).build();
    }

    private static void locate(StreamObserver<LocateResponse> out, String url) {
        out.onNext(LocateResponse.newBuilder().setUrl(url).build());
        out.onCompleted();
    }

    /// The URL of a new object, which is answered with this status.
    private String serve(int status) {
        String path = "/object-" + downloads.incrementAndGet();
        store.createContext(
                path,
                exchange -> {
                    byte[] body = "artifact".getBytes(UTF_8);
                    exchange.sendResponseHeaders(status, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        return started(path);
    }

    /// The URL of an object whose body does not come.
    private String stall() {
        String path = "/object-" + downloads.incrementAndGet();
        store.createContext(
                path,
                exchange -> {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write(1);
                    exchange.getResponseBody().flush();
                    try {
                        release.await(20, TimeUnit.SECONDS);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.close();
                });
        return started(path);
    }

    private String started(String path) {
        if (downloads.get() == 1) {
            store.setExecutor(task -> Thread.ofVirtual().start(task));
            store.start();
        }
        return "http://127.0.0.1:" + store.getAddress().getPort() + path + "?signature=secret";
    }

    /// Gives the scripted answers in turn.
    private final class Endpoint extends ArtifactsGrpc.ArtifactsImplBase {
        @Override
        public void locate(LocateRequest request, StreamObserver<LocateResponse> out) {
            locates.incrementAndGet();
            inline.add(request.getInline());
            answers.remove().accept(out);
        }
    }
}
