package io.mimicore.controlplane.stream;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.controlplane.InMemoryArtifactStore;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import io.mimicore.testkit.ForwardingArtifactStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArtifactsEndpointTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
    private @Nullable Server server;
    private @Nullable ManagedChannel channel;
    private @Nullable ArtifactsEndpoint endpoint;

    @AfterEach
    void stop() {
        if (channel != null && server != null && endpoint != null) {
            channel.shutdownNow();
            server.shutdownNow();
            endpoint.close();
        }
    }

    @Test
    void artifact_isSentInPieces() throws IOException {
        byte[] content = new byte[1_000_000];
        new Random(1).nextBytes(content);
        Digest digest = artifacts.put(content).digest();

        List<LocateResponse> answers = locate(serve(artifacts), digest);

        assertThat(answers).hasSize(4);
        ByteString sent = ByteString.EMPTY;
        for (LocateResponse answer : answers) {
            assertThat(answer.getChunk().size())
                    .isLessThanOrEqualTo(ArtifactsEndpoint.CHUNK_BYTES_MAX);
            sent = sent.concat(answer.getChunk());
        }
        assertThat(sent.toByteArray()).isEqualTo(content);
    }

    @Test
    void artifact_withAUrl_isNamedByIt() throws IOException {
        ArtifactStore presigning =
                new ForwardingArtifactStore(artifacts) {
                    @Override
                    public URI presign(Digest digest, Duration validity) {
                        return URI.create(
                                "http://s3.test/" + digest + "?seconds=" + validity.toSeconds());
                    }
                };
        Digest digest = Digest.of(new byte[] {1});

        List<LocateResponse> answers = locate(serve(presigning), digest);

        assertThat(answers)
                .singleElement()
                .extracting(LocateResponse::getUrl)
                .isEqualTo("http://s3.test/" + digest + "?seconds=300");
    }

    @Test
    void artifact_askedForInline_isSentThoughItHasAUrl() throws IOException {
        ArtifactStore presigning =
                new ForwardingArtifactStore(artifacts) {
                    @Override
                    public URI presign(Digest digest, Duration validity) {
                        return URI.create("http://s3.test/" + digest);
                    }
                };
        Digest digest = artifacts.put(new byte[] {1, 2, 3}).digest();
        LocateRequest asked = request(digest).toBuilder().setInline(true).build();

        List<LocateResponse> answers = new ArrayList<>();
        ArtifactsGrpc.newBlockingStub(serve(presigning))
                .locate(asked)
                .forEachRemaining(answers::add);

        assertThat(answers)
                .singleElement()
                .extracting(answer -> answer.getChunk().toByteArray())
                .isEqualTo(new byte[] {1, 2, 3});
    }

    @Test
    void artifact_thatIsNotThere_isNotFound() throws IOException {
        ManagedChannel to = serve(artifacts);

        assertThatThrownBy(() -> locate(to, Digest.of(new byte[] {1})))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void digest_thatIsNone_isAnInvalidArgument() throws IOException {
        ManagedChannel to = serve(artifacts);
        var request = LocateRequest.newBuilder().setDigest(ByteString.copyFromUtf8("x")).build();

        assertThatThrownBy(() -> ArtifactsGrpc.newBlockingStub(to).locate(request).hasNext())
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.INVALID_ARGUMENT));
    }

    @Test
    void store_thatFails_isUnavailable() throws IOException {
        ArtifactStore failing =
                new ForwardingArtifactStore(artifacts) {
                    @Override
                    public InputStream open(Digest digest) {
                        throw new StoreException("down");
                    }
                };
        ManagedChannel to = serve(failing);

        assertThatThrownBy(() -> locate(to, Digest.of(new byte[] {1})))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNAVAILABLE));
    }

    @Test
    void node_thatDoesNotRead_isNotSentMoreThanFits() throws IOException {
        byte[] content = new byte[4 * 1024 * 1024];
        Digest digest = artifacts.put(content).digest();
        AtomicInteger read = new AtomicInteger();
        ArtifactStore counting =
                new ForwardingArtifactStore(artifacts) {
                    @Override
                    public InputStream open(Digest of) {
                        return new ByteArrayInputStream(content) {
                            @Override
                            public synchronized int read(byte[] into, int at, int length) {
                                int count = super.read(into, at, length);
                                read.addAndGet(Math.max(0, count));
                                return count;
                            }
                        };
                    }
                };
        Slow slow = new Slow();
        ArtifactsGrpc.newStub(serve(counting)).locate(request(digest), slow);
        eventually(PATIENCE, () -> assertThat(slow.chunks.get()).isEqualTo(1));
        eventually(
                PATIENCE,
                () ->
                        assertThat(read.get())
                                .isLessThanOrEqualTo(2 * ArtifactsEndpoint.CHUNK_BYTES_MAX));

        slow.readOn();

        eventually(PATIENCE, () -> assertThat(slow.chunks.get()).isEqualTo(16));
    }

    private ManagedChannel serve(ArtifactStore store) throws IOException {
        String name = InProcessServerBuilder.generateName();
        endpoint = new ArtifactsEndpoint(store);
        server = InProcessServerBuilder.forName(name).addService(endpoint).build().start();
        ManagedChannel opened = InProcessChannelBuilder.forName(name).build();
        channel = opened;
        return opened;
    }

    private static List<LocateResponse> locate(ManagedChannel to, Digest digest) {
        List<LocateResponse> answers = new ArrayList<>();
        ArtifactsGrpc.newBlockingStub(to).locate(request(digest)).forEachRemaining(answers::add);
        return answers;
    }

    private static LocateRequest request(Digest digest) {
        return LocateRequest.newBuilder().setDigest(ByteString.copyFrom(digest.bytes())).build();
    }

    /// Takes one piece and the rest only when told to.
    private static final class Slow
            implements ClientResponseObserver<LocateRequest, LocateResponse> {
        private final AtomicInteger chunks = new AtomicInteger();
        private volatile boolean reading;
        private volatile @Nullable ClientCallStreamObserver<LocateRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<LocateRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(1);
        }

        void readOn() {
            reading = true;
            request();
        }

        private void request() {
            ClientCallStreamObserver<LocateRequest> open = call;
            if (open != null) {
                open.request(1);
            }
        }

        @Override
        public void onNext(LocateResponse response) {
            chunks.incrementAndGet();
            if (reading) {
                request();
            }
        }

        @Override
        public void onError(Throwable failure) {
            chunks.set(-1);
        }

        @Override
        public void onCompleted() {
            // The number of pieces tells that it is whole.
        }
    }
}
