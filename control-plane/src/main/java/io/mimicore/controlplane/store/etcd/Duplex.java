package io.mimicore.controlplane.store.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One bidirectional stream as a thing that one thread can read at its own speed.
///
/// The next message is asked for only when the last one was taken, so at most one waits here and
/// everything else stays with the server. [#close] may be called by any thread, and wakes the one
/// that waits for an arrival; the rest belongs to that one.
///
/// @param <Q> what is sent
/// @param <A> what arrives
final class Duplex<Q, A> implements AutoCloseable {
    private final ClientCall<Q, A> call;
    // One message that was asked for, and the end.
    private final BlockingQueue<Arrival<A>> arrivals = new ArrayBlockingQueue<>(2);
    private boolean cancelled;

    private Duplex(ClientCall<Q, A> call) {
        this.call = call;
    }

    /// What has arrived.
    sealed interface Arrival<A> {
        /// A message.
        record Message<A>(A content) implements Arrival<A> {}

        /// The stream has ended; nothing follows. `OK` too is an end.
        record Ended<A>(Status status) implements Arrival<A> {}
    }

    static <Q, A> Duplex<Q, A> open(Channel channel, MethodDescriptor<Q, A> method) {
        var duplex = new Duplex<Q, A>(channel.newCall(method, CallOptions.DEFAULT));
        duplex.call.start(duplex.new Inbox(), new Metadata());
        duplex.call.request(1);
        return duplex;
    }

    /// Sends a message; without effect once the stream has ended.
    synchronized void send(Q message) {
        if (!cancelled) {
            call.sendMessage(message);
        }
    }

    /// Waits for the next arrival for up to `nanos`; absent: none came.
    @Nullable Arrival<A> poll(long nanos) throws InterruptedException {
        Arrival<A> arrival = arrivals.poll(nanos, TimeUnit.NANOSECONDS);
        if (arrival instanceof Arrival.Message<A>) {
            call.request(1);
        }
        return arrival;
    }

    @Override
    public synchronized void close() {
        cancelled = true;
        call.cancel("not needed any more", null);
    }

    private final class Inbox extends ClientCall.Listener<A> {
        @Override
        public void onMessage(A message) {
            arrivals.add(new Arrival.Message<>(message));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            arrivals.add(new Arrival.Ended<>(status));
        }
    }
}
