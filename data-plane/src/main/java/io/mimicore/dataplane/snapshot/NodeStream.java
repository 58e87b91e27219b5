package io.mimicore.dataplane.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import io.mimicore.snapshot.Reconnection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream to a control plane. What comes is handed over as events, one message at a time.
///
/// [#send], [#requestNext] and [#close] are called from the client's thread only.
final class NodeStream implements ClientResponseObserver<NodeMessage, ControlMessage> {
    private static final long RETRY_NANOS_MAX = Reconnection.ASKED_MAX.toNanos();

    private final Channel channel;
    private final Consumer<StreamEvent> events;
    private @Nullable ClientCallStreamObserver<NodeMessage> call;
    private boolean connected;

    private NodeStream(Channel channel, Consumer<StreamEvent> events) {
        this.channel = channel;
        this.events = events;
    }

    /// Opens a stream; whether it comes about is told by events.
    static NodeStream open(Channel channel, Consumer<StreamEvent> events) {
        if (channel instanceof ManagedChannel managed) {
            // The client has its own, jittered waits: on top of them the channel's, which grow to
            // two minutes, would keep the node from a control plane that is back.
            managed.resetConnectBackoff();
        }
        NodeStream stream = new NodeStream(channel, events);
        SnapshotServiceGrpc.newStub(channel).stream(stream);
        return stream;
    }

    /// Whether there was a connection for it when this was last asked, as far as the channel tells.
    /// It stays true: a channel that is told to use another connection looks unconnected while the
    /// stream still has the old one.
    boolean isConnected() {
        if (!connected) {
            connected =
                    !(channel instanceof ManagedChannel managed)
                            || managed.getState(false) == ConnectivityState.READY;
        }
        return connected;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<NodeMessage> observer) {
        observer.disableAutoRequestWithInitial(1);
        call = observer;
    }

    @Override
    public void onNext(ControlMessage message) {
        events.accept(new StreamEvent.Received(this, message));
    }

    @Override
    public void onError(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        String description = status.getDescription();
        String reason = status.getCode() + (description == null ? "" : ": " + description);
        boolean refused = status.getCode() == Status.Code.FAILED_PRECONDITION;
        events.accept(new StreamEvent.Closed(this, reason, refused, retryNanos(failure)));
    }

    @Override
    public void onCompleted() {
        events.accept(new StreamEvent.Closed(this, "the control plane ended the stream", false, 0));
    }

    void send(NodeMessage message) {
        ClientCallStreamObserver<NodeMessage> open = call;
        if (open != null) {
            try {
                open.onNext(message);
            } catch (IllegalStateException _) {
                // The stream has ended meanwhile; its event is under way.
            }
        }
    }

    void requestNext() {
        ClientCallStreamObserver<NodeMessage> open = call;
        if (open != null) {
            open.request(1);
        }
    }

    void close() {
        ClientCallStreamObserver<NodeMessage> open = call;
        if (open != null) {
            open.cancel("the node closes the stream", null);
        }
    }

    /// The wait that a refusal asks for (`google.rpc.RetryInfo`), 0 when it asks for none.
    private static long retryNanos(Throwable failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status == null) {
            return 0;
        }
        for (Any detail : status.getDetailsList()) {
            if (detail.is(RetryInfo.class)) {
                try {
                    Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
                    long seconds = Math.clamp(delay.getSeconds(), 0, RETRY_NANOS_MAX);
                    long nanos = TimeUnit.SECONDS.toNanos(seconds) + Math.max(0, delay.getNanos());
                    return Math.min(nanos, RETRY_NANOS_MAX);
                } catch (InvalidProtocolBufferException _) {
                    // It asks for nothing that can be understood.
                    return 0;
                }
            }
        }
        return 0;
    }
}
