package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.Activate;
import io.mimicore.proto.snapshot.v1.ArtifactsGrpc;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Drain;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.InSync;
import io.mimicore.proto.snapshot.v1.LocateRequest;
import io.mimicore.proto.snapshot.v1.LocateResponse;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.proto.snapshot.v1.Reconnect;
import io.mimicore.proto.snapshot.v1.Rejected;
import io.mimicore.proto.snapshot.v1.Report;
import io.mimicore.proto.snapshot.v1.Resume;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A control plane that says just what a test tells it to, in the same process.
public final class FakeControlPlane implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final String name = InProcessServerBuilder.generateName();
    private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
    private final Queue<StatusRuntimeException> refusals = new ConcurrentLinkedQueue<>();
    private final Map<Digest, byte[]> artifacts = new ConcurrentHashMap<>();
    private @Nullable Server server;

    public FakeControlPlane start() throws IOException {
        server =
                InProcessServerBuilder.forName(name)
                        .addService(new Streams())
                        .addService(new Artifacts())
                        .build()
                        .start();
        return this;
    }

    /// What nodes connect by, also while it is stopped.
    public Channel channel() {
        return channel;
    }

    /// Refuses the next stream.
    void refuse(StatusRuntimeException reason) {
        refusals.add(reason);
    }

    /// Has an artifact for nodes.
    public Digest artifact(byte[] file) {
        Digest digest = Digest.of(file);
        artifacts.put(digest, file);
        return digest;
    }

    /// The next stream that a node opens, or has opened since the last one.
    public Stream stream() throws InterruptedException {
        Stream stream = streams.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(stream).as("a stream").isNotNull();
        return java.util.Objects.requireNonNull(stream);
    }

    /// Whether a node has opened a stream that the test has not taken.
    boolean hasStream() {
        return !streams.isEmpty();
    }

    /// Goes away at once.
    public void stop() throws InterruptedException {
        Server running = server;
        if (running != null) {
            running.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        if (server != null) {
            server.shutdownNow();
        }
    }

    /// One stream of a node.
    public static final class Stream implements StreamObserver<NodeMessage> {
        private final ServerCallStreamObserver<ControlMessage> out;
        private final BlockingQueue<NodeMessage> received = new LinkedBlockingQueue<>();
        private final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();

        private Stream(ServerCallStreamObserver<ControlMessage> out) {
            this.out = out;
            out.setOnCancelHandler(() -> ended.add(true));
        }

        @Override
        public void onNext(NodeMessage message) {
            received.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            ended.add(true);
        }

        @Override
        public void onCompleted() {
            ended.add(true);
        }

        /// The next message, which must come within a time that no machine takes.
        NodeMessage next() throws InterruptedException {
            NodeMessage message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(message).as("a message of the node").isNotNull();
            return java.util.Objects.requireNonNull(message);
        }

        public Hello hello() throws InterruptedException {
            return expect(NodeMessage.MessageCase.HELLO).getHello();
        }

        void prepared(long version) throws InterruptedException {
            assertThat(expect(NodeMessage.MessageCase.PREPARED).getPrepared().getVersion())
                    .isEqualTo(version);
        }

        void active(long version) throws InterruptedException {
            assertThat(expect(NodeMessage.MessageCase.ACTIVE).getActive().getVersion())
                    .isEqualTo(version);
        }

        Rejected rejected(long version) throws InterruptedException {
            Rejected rejected = expect(NodeMessage.MessageCase.REJECTED).getRejected();
            assertThat(rejected.getVersion()).isEqualTo(version);
            return rejected;
        }

        /// The next message but reports.
        NodeMessage nextButReports() throws InterruptedException {
            NodeMessage message = next();
            while (message.hasReport()) {
                message = next();
            }
            return message;
        }

        private NodeMessage expect(NodeMessage.MessageCase kind) throws InterruptedException {
            NodeMessage message = nextButReports();
            assertThat(message.getMessageCase()).as("%s", message).isEqualTo(kind);
            return message;
        }

        /// Waits until the node has closed it.
        void awaitEnd() throws InterruptedException {
            assertThat(ended.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("the end").isTrue();
        }

        public void offer(List<Offer> pieces) {
            pieces.forEach(piece -> send(ControlMessage.newBuilder().setOffer(piece).build()));
        }

        void offer(SnapshotContent target) {
            offer(List.of(Versions.whole(target)));
        }

        public void activate(long version) {
            send(
                    ControlMessage.newBuilder()
                            .setActivate(Activate.newBuilder().setVersion(version))
                            .build());
        }

        /// Offers a version and has it activated.
        public void bringTo(@Nullable SnapshotContent from, SnapshotContent to)
                throws InterruptedException {
            offer(Versions.pieces(from, to, 256 * 1024));
            prepared(to.version());
            activate(to.version());
            active(to.version());
        }

        /// Has an offered version activated as soon as it is prepared.
        public void activateOncePrepared(long version) throws InterruptedException {
            prepared(version);
            activate(version);
        }

        /// The next report, which must be about this version.
        public Report report(long version) throws InterruptedException {
            NodeMessage message = next();
            assertThat(message.getReport().getVersion()).as("%s", message).isEqualTo(version);
            return message.getReport();
        }

        public void inSync(long version) {
            send(
                    ControlMessage.newBuilder()
                            .setInSync(InSync.newBuilder().setVersion(version))
                            .build());
        }

        void reconnect(long afterMillis) {
            reconnect(afterMillis, "");
        }

        void reconnect(long afterMillis, String peer) {
            send(
                    ControlMessage.newBuilder()
                            .setReconnect(
                                    Reconnect.newBuilder()
                                            .setAfterMillis(afterMillis)
                                            .setPeer(peer))
                            .build());
        }

        public void drain() {
            send(ControlMessage.newBuilder().setDrain(Drain.getDefaultInstance()).build());
        }

        public void resume() {
            send(ControlMessage.newBuilder().setResume(Resume.getDefaultInstance()).build());
        }

        /// The node confirms a drain, or its end.
        public void confirms(boolean draining) throws InterruptedException {
            assertThat(expect(NodeMessage.MessageCase.DRAINING).getDraining().getDraining())
                    .isEqualTo(draining);
        }

        void send(ControlMessage message) {
            out.onNext(message);
        }

        void fail(Status status) {
            out.onError(status.asRuntimeException());
        }

        void complete() {
            out.onCompleted();
        }
    }

    private final class Streams extends SnapshotServiceGrpc.SnapshotServiceImplBase {
        @Override
        public StreamObserver<NodeMessage> stream(StreamObserver<ControlMessage> out) {
            Stream stream = new Stream((ServerCallStreamObserver<ControlMessage>) out);
            StatusRuntimeException refusal = refusals.poll();
            if (refusal == null) {
                streams.add(stream);
            } else {
                out.onError(refusal);
            }
            return stream;
        }
    }

    private final class Artifacts extends ArtifactsGrpc.ArtifactsImplBase {
        @Override
        public void locate(LocateRequest request, StreamObserver<LocateResponse> out) {
            byte[] file = artifacts.get(Digest.ofBytes(request.getDigest().toByteArray()));
            if (file == null) {
                out.onError(
                        Status.NOT_FOUND.withDescription("it is not there").asRuntimeException());
                return;
            }
            out.onNext(LocateResponse.newBuilder().setChunk(ByteString.copyFrom(file)).build());
            out.onCompleted();
        }
    }
}
