package io.mimicore.testkit.fleet;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Active;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.proto.snapshot.v1.Prepared;
import io.mimicore.proto.snapshot.v1.Reconnect;
import io.mimicore.proto.snapshot.v1.Report;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import io.mimicore.snapshot.Reconnection;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.testkit.fleet.OfferChecks.Checked;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One node of a fleet: speaks the protocol, checks and keeps what it is offered, comes back by the
/// rules of real nodes, and serves nothing. Thread-safe.
public final class SimulatedNode {
    private static final long REPORT_EVERY_MILLIS = 10_000;

    private final SimulatedFleet fleet;
    private final int index;
    private final Reconnection reconnection;
    private final List<String> faults = new ArrayList<>();
    private SnapshotTree tree = SnapshotTree.EMPTY;
    private @Nullable SnapshotTree prepared;
    private @Nullable ReceivedOffer receiving;
    private long version;
    private int wholeSnapshots;
    private long streams;
    private long openedNanos;
    private long resumedNanos;
    private boolean heard;
    private boolean stuck;
    private boolean closed;
    private @Nullable ClientCallStreamObserver<NodeMessage> out;

    SimulatedNode(SimulatedFleet fleet, int index, Reconnection reconnection) {
        this.fleet = fleet;
        this.index = index;
        this.reconnection = reconnection;
    }

    /// Its name in the fleet.
    public String name() {
        return "sim-" + index;
    }

    /// The version that is active; 0: none.
    public synchronized long version() {
        return version;
    }

    /// How many snapshots it was sent that did not start from what it had.
    public synchronized int wholeSnapshots() {
        return wholeSnapshots;
    }

    /// Streams it has opened so far, those that were refused included.
    public synchronized long streams() {
        return streams;
    }

    /// When the control plane first answered on the stream that is open, by [System#nanoTime].
    ///
    /// @return 0: there is none that was answered
    public synchronized long resumedNanos() {
        return heard ? resumedNanos : 0;
    }

    /// What was wrong with what came.
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /// Reads no more, or again.
    public synchronized void stick(boolean value) {
        stuck = value;
        ClientCallStreamObserver<NodeMessage> open = out;
        if (!value && open != null) {
            open.request(1);
        }
    }

    /// Whether it has a stream, answered or not.
    public synchronized boolean hasStream() {
        return out != null;
    }

    synchronized void connect() {
        if (closed || out != null) {
            return;
        }
        streams++;
        heard = false;
        receiving = null;
        openedNanos = System.nanoTime();
        var stub =
                SnapshotServiceGrpc.newStub(fleet.channel(index, reconnection.target()))
                        .withInterceptors(fleet.wire());
        var inbox = new Inbox(streams);
        stub.stream(inbox);
        say(NodeMessage.newBuilder().setHello(hello()).build());
        reportLater(streams);
    }

    synchronized void close() {
        closed = true;
        breakOff("the node ends");
    }

    /// Breaks the stream off and comes back by the rules.
    public synchronized void breakOff() {
        if (breakOff("the node loses its stream")) {
            fleet.later(this::connect, reconnection.failed(System.nanoTime() - openedNanos, 0));
        }
    }

    private boolean breakOff(String why) {
        ClientCallStreamObserver<NodeMessage> open = out;
        out = null;
        heard = false;
        if (open != null) {
            open.cancel(why, null);
        }
        return open != null;
    }

    private Hello hello() {
        Hello.Builder hello =
                Hello.newBuilder()
                        .setNode(name())
                        .setBootId("boot-" + index)
                        .setBuild("simulated")
                        .addFormats(IrCodec.FORMAT)
                        .setVersion(version);
        if (version > 0) {
            hello.setRoot(ByteString.copyFrom(tree.root().bytes()));
        }
        return hello.build();
    }

    private void say(NodeMessage message) {
        ClientCallStreamObserver<NodeMessage> open = out;
        if (open != null) {
            open.onNext(message);
        }
    }

    private synchronized void receive(long stream, ControlMessage message) {
        if (stream != streams || out == null) {
            return;
        }
        if (!heard) {
            heard = true;
            resumedNanos = System.nanoTime();
        }
        fleet.received(index, message);
        switch (message.getMessageCase()) {
            case OFFER -> offered(message.getOffer());
            case ACTIVATE -> activate(message.getActivate().getVersion());
            case RECONNECT -> reconnect(message.getReconnect());
            case IN_SYNC -> inSync(message.getInSync().getVersion());
            case DRAIN, RESUME, MESSAGE_NOT_SET -> {}
        }
        ClientCallStreamObserver<NodeMessage> open = out;
        if (open != null && !stuck) {
            open.request(1);
        }
    }

    private void inSync(long told) {
        if (told != version) {
            faults.add("in sync: version " + told + ", it has " + version);
        }
    }

    private void offered(Offer piece) {
        ReceivedOffer offer = receiving;
        if (offer == null || piece.getChunk() == 0) {
            offer = new ReceivedOffer(piece, fleet.checks());
            receiving = offer;
        }
        if (!offer.isContinuedBy(piece)) {
            faults.add("piece " + piece.getChunk() + " of version " + piece.getVersion());
        }
        if (!offer.add(piece)) {
            return;
        }
        receiving = null;
        if (offer.isWhole()) {
            wholeSnapshots++;
        }
        if (!offer.isFor(tree)) {
            faults.add("version " + offer.version() + " starts from another root");
        }
        Checked checked = offer.check(fleet.checks(), tree, faults);
        if (checked != null) {
            prepared = checked.tree();
            var answer = Prepared.newBuilder().setVersion(offer.version());
            say(NodeMessage.newBuilder().setPrepared(answer).build());
        }
    }

    private void activate(long order) {
        SnapshotTree next = prepared;
        if (next == null || order <= version) {
            faults.add("activate " + order + " with " + version + " active");
            return;
        }
        tree = next;
        prepared = null;
        version = order;
        say(NodeMessage.newBuilder().setActive(Active.newBuilder().setVersion(order)).build());
        fleet.activated(order, System.nanoTime());
    }

    private void reconnect(Reconnect order) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(order.getAfterMillis());
        long wait = reconnection.told(order.getPeer(), nanos);
        breakOff("told to come back");
        fleet.slotTold(wait);
        fleet.later(this::connect, wait);
    }

    private synchronized void ended(long stream, Throwable failure) {
        if (stream != streams || out == null) {
            return;
        }
        long asked = askedNanos(failure);
        if (!heard) {
            fleet.refused(asked);
        }
        long up = heard ? System.nanoTime() - openedNanos : 0;
        out = null;
        heard = false;
        if (!closed) {
            fleet.later(this::connect, reconnection.failed(up, asked));
        }
    }

    private void reportLater(long stream) {
        long delay = REPORT_EVERY_MILLIS + (index * 37L) % 1_000;
        fleet.later(() -> report(stream), TimeUnit.MILLISECONDS.toNanos(delay));
    }

    private synchronized void report(long stream) {
        if (closed || stream != streams || out == null) {
            return;
        }
        Report report =
                Report.newBuilder()
                        .setVersion(version)
                        .setWindowMillis(REPORT_EVERY_MILLIS)
                        .setRequests(1_000)
                        .build();
        say(NodeMessage.newBuilder().setReport(report).build());
        reportLater(stream);
    }

    private static long askedNanos(Throwable failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(RetryInfo.class)) {
                    try {
                        var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                        return TimeUnit.SECONDS.toNanos(delay.getSeconds()) + delay.getNanos();
                    } catch (InvalidProtocolBufferException _) {
                        return 0;
                    }
                }
            }
        }
        return 0;
    }

    private synchronized void opened(ClientCallStreamObserver<NodeMessage> stream) {
        stream.disableAutoRequestWithInitial(stuck ? 0 : 1);
        out = stream;
    }

    /// What comes on one stream.
    private final class Inbox implements ClientResponseObserver<NodeMessage, ControlMessage> {
        private final long stream;

        Inbox(long stream) {
            this.stream = stream;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<NodeMessage> observer) {
            opened(observer);
        }

        @Override
        public void onNext(ControlMessage message) {
            receive(stream, message);
        }

        @Override
        public void onError(Throwable failure) {
            ended(stream, failure);
        }

        @Override
        public void onCompleted() {
            ended(stream, Status.OK.asException());
        }
    }
}
