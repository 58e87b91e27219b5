package io.mimicore.dataplane.snapshot;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream to a control plane. What comes is handed over as events, one message at a time.
///
/// [#send], [#requestNext] and [#close] are called from the client's thread only.
final class NodeStream implements ClientResponseObserver<NodeMessage, ControlMessage> {
    private final Consumer<StreamEvent> events;
    private @Nullable ClientCallStreamObserver<NodeMessage> call;

    private NodeStream(Consumer<StreamEvent> events) {
        this.events = events;
    }

    static NodeStream open(Channel channel, Consumer<StreamEvent> events) {
        NodeStream stream = new NodeStream(events);
        SnapshotServiceGrpc.newStub(channel).withWaitForReady().stream(stream);
        return stream;
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
        events.accept(new StreamEvent.Closed(this, Status.fromThrowable(failure).toString()));
    }

    @Override
    public void onCompleted() {
        events.accept(new StreamEvent.Closed(this, "the control plane ended the stream"));
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
}
