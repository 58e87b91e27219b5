package io.mimicore.controlplane;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Active;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Draining;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.proto.snapshot.v1.Prepared;
import io.mimicore.proto.snapshot.v1.Problem;
import io.mimicore.proto.snapshot.v1.Rejected;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A node that speaks the protocol and keeps what it is offered, as a real one would; it can be
/// told to reject, to fall silent or to stop reading. It checks every offer: order of the pieces,
/// signature, digests and root; what is wrong is in [#faults].
public final class FakeNode implements AutoCloseable {
    private final String name;
    private final @Nullable TrustedKey key;
    private final List<ControlMessage> received = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final List<Offer> pieces = new ArrayList<>();
    private NavigableMap<String, ApiEntry> entries = new TreeMap<>();
    private NavigableMap<String, ApiEntry> prepared = new TreeMap<>();
    private long version;
    private boolean rejecting;
    private String rejectionCode = "TEST";
    private boolean silent;
    private boolean draining;
    private boolean reading = true;
    private @Nullable Status end;
    private @Nullable Throwable failure;
    private @Nullable ClientCallStreamObserver<NodeMessage> out;

    /// @param key checks signatures; absent: they are not checked
    public FakeNode(String name, @Nullable TrustedKey key) {
        this.name = name;
        this.key = key;
    }

    /// Opens a stream and says hello with what the node has.
    public synchronized void connect(Channel channel) {
        open(channel);
        hello();
    }

    /// Opens a stream and says nothing.
    public synchronized void open(Channel channel) {
        end = null;
        pieces.clear();
        var stub = SnapshotServiceGrpc.newStub(channel);
        stub.stream(new Inbox());
    }

    /// Says what the node has.
    public synchronized void hello() {
        Hello.Builder hello =
                Hello.newBuilder()
                        .setNode(name)
                        .setBootId("boot-" + name)
                        .setBuild("test")
                        .addFormats(IrCodec.FORMAT)
                        .setDraining(draining)
                        .setVersion(version);
        if (version > 0) {
            hello.setRoot(ByteString.copyFrom(root().bytes()));
        }
        say(NodeMessage.newBuilder().setHello(hello).build());
    }

    /// Rejects every offer from now on, or no more.
    public synchronized void reject(boolean value) {
        rejecting = value;
    }

    /// With what code it rejects.
    public synchronized void rejectWith(String code) {
        rejectionCode = code;
    }

    /// Answers nothing from now on, or again.
    public synchronized void fallSilent(boolean value) {
        silent = value;
    }

    /// Reads one message more and then none.
    public synchronized void stopReading() {
        reading = false;
    }

    /// Reads again.
    public synchronized void readOn() {
        reading = true;
        if (out != null) {
            out.request(1);
        }
    }

    /// Pretends to have another state than it has.
    public synchronized void pretend(long heldVersion, SortedMap<String, ApiEntry> held) {
        version = heldVersion;
        entries = new TreeMap<>(held);
    }

    /// Says anything.
    public synchronized void say(NodeMessage message) {
        if (out != null) {
            out.onNext(message);
        }
    }

    /// The version that is active; 0: none.
    public synchronized long version() {
        return version;
    }

    /// The root of what is active.
    public synchronized Digest root() {
        return SnapshotTree.of(entries.values()).root();
    }

    /// The APIs that are active.
    public synchronized List<String> apis() {
        return List.copyOf(entries.keySet());
    }

    /// What is active.
    public synchronized SortedMap<String, ApiEntry> entries() {
        return new TreeMap<>(entries);
    }

    /// Everything that came, in order.
    public synchronized List<ControlMessage> received() {
        return List.copyOf(received);
    }

    /// Whether it was told to take no more traffic.
    public synchronized boolean isDraining() {
        return draining;
    }

    /// What was wrong with what came.
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /// How the stream ended; absent: it has not.
    public synchronized @Nullable Status end() {
        return end;
    }

    /// The error that ended the stream; absent: none did.
    public synchronized @Nullable Throwable failure() {
        return failure;
    }

    /// Breaks the stream off.
    @Override
    public synchronized void close() {
        if (out != null && end == null) {
            out.cancel("the node is gone", null);
        }
    }

    private synchronized void receive(ControlMessage message) {
        received.add(message);
        switch (message.getMessageCase()) {
            case OFFER -> offered(message.getOffer());
            case ACTIVATE -> activate(message.getActivate().getVersion());
            case DRAIN -> drain(true);
            case RESUME -> drain(false);
            case IN_SYNC, RECONNECT, MESSAGE_NOT_SET -> {}
        }
        if (reading && out != null) {
            out.request(1);
        }
    }

    private void drain(boolean order) {
        draining = order;
        say(NodeMessage.newBuilder().setDraining(Draining.newBuilder().setDraining(order)).build());
    }

    private void offered(Offer piece) {
        if (piece.getChunk() != pieces.size()) {
            faults.add("piece " + piece.getChunk() + " came as number " + pieces.size());
        }
        pieces.add(piece);
        if (pieces.size() == piece.getChunks() && !silent) {
            answer();
        }
    }

    private void answer() {
        Offer first = pieces.getFirst();
        prepare(first);
        pieces.clear();
        if (rejecting) {
            var problem = Problem.newBuilder().setApi("a").setCode(rejectionCode).setMessage("no");
            say(
                    NodeMessage.newBuilder()
                            .setRejected(
                                    Rejected.newBuilder()
                                            .setVersion(first.getVersion())
                                            .addProblems(problem))
                            .build());
            return;
        }
        say(
                NodeMessage.newBuilder()
                        .setPrepared(Prepared.newBuilder().setVersion(first.getVersion()))
                        .build());
    }

    /// Answers the offer that silence left unanswered.
    public synchronized void answerLate() {
        if (!pieces.isEmpty() && pieces.size() == pieces.getFirst().getChunks()) {
            answer();
        }
    }

    private void prepare(Offer first) {
        ByteString payload = ByteString.EMPTY;
        for (Offer piece : pieces) {
            payload = payload.concat(piece.getPayload());
        }
        if (payload.size() != first.getChangesBytes()) {
            faults.add("changes: " + payload.size() + ", declared " + first.getChangesBytes());
        }
        prepared = first.getBaseRoot().isEmpty() ? new TreeMap<>() : new TreeMap<>(entries);
        if (!first.getBaseRoot().isEmpty()
                && !Digest.ofBytes(first.getBaseRoot().toByteArray()).equals(root())) {
            faults.add("the offer starts from another root");
        }
        try {
            Changes changes = Changes.parseFrom(payload);
            changes.getRemovedList().forEach(prepared::remove);
            changes.getPutList().forEach(this::put);
        } catch (InvalidProtocolBufferException e) {
            faults.add("changes: " + e.getMessage());
        }
        check(first);
    }

    private void put(ApiChange change) {
        Digest ir = Digest.ofBytes(change.getIrDigest().toByteArray());
        if (!Digest.of(change.getIr().toByteArray()).equals(ir)) {
            faults.add("ir of " + change.getApi());
        }
        List<Digest> artifacts =
                change.getArtifactDigestsList().stream()
                        .map(bytes -> Digest.ofBytes(bytes.toByteArray()))
                        .toList();
        prepared.put(change.getApi(), new ApiEntry(change.getApi(), ir, artifacts));
    }

    private void check(Offer first) {
        Digest root = SnapshotTree.of(prepared.values()).root();
        if (!ByteString.copyFrom(root.bytes()).equals(first.getRoot())) {
            faults.add("root of version " + first.getVersion());
        }
        if (first.getApis() != prepared.size()) {
            faults.add("apis: " + prepared.size() + ", declared " + first.getApis());
        }
        byte[] signed = SnapshotSignature.signedForm(first.getVersion(), root);
        if (key != null && !key.verifies(signed, first.getSignature().toByteArray())) {
            faults.add("signature of version " + first.getVersion());
        }
    }

    private void activate(long order) {
        if (silent) {
            return;
        }
        entries = prepared;
        version = order;
        say(NodeMessage.newBuilder().setActive(Active.newBuilder().setVersion(order)).build());
    }

    private synchronized void ended(Status status) {
        end = status;
    }

    private synchronized void failed(Throwable cause) {
        failure = cause;
        end = Status.fromThrowable(cause);
    }

    private synchronized void opened(ClientCallStreamObserver<NodeMessage> stream) {
        out = stream;
        stream.disableAutoRequestWithInitial(1);
    }

    /// Takes what comes.
    private final class Inbox implements ClientResponseObserver<NodeMessage, ControlMessage> {
        @Override
        public void beforeStart(ClientCallStreamObserver<NodeMessage> stream) {
            opened(stream);
        }

        @Override
        public void onNext(ControlMessage message) {
            receive(message);
        }

        @Override
        public void onError(Throwable failure) {
            failed(failure);
        }

        @Override
        public void onCompleted() {
            ended(Status.OK);
        }
    }
}
