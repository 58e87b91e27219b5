package io.mimicore.controlplane.store.etcd;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.proto.etcd.v3.Event;
import io.mimicore.proto.etcd.v3.KVGrpc;
import io.mimicore.proto.etcd.v3.KeyValue;
import io.mimicore.proto.etcd.v3.LeaseGrantRequest;
import io.mimicore.proto.etcd.v3.LeaseGrantResponse;
import io.mimicore.proto.etcd.v3.LeaseGrpc;
import io.mimicore.proto.etcd.v3.LeaseKeepAliveRequest;
import io.mimicore.proto.etcd.v3.LeaseKeepAliveResponse;
import io.mimicore.proto.etcd.v3.LeaseRevokeRequest;
import io.mimicore.proto.etcd.v3.LeaseRevokeResponse;
import io.mimicore.proto.etcd.v3.RangeRequest;
import io.mimicore.proto.etcd.v3.RangeResponse;
import io.mimicore.proto.etcd.v3.ResponseHeader;
import io.mimicore.proto.etcd.v3.TxnRequest;
import io.mimicore.proto.etcd.v3.TxnResponse;
import io.mimicore.proto.etcd.v3.WatchGrpc;
import io.mimicore.proto.etcd.v3.WatchRequest;
import io.mimicore.proto.etcd.v3.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An etcd that answers what a test tells it to. Thread-safe.
final class FakeEtcd implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Server server;
    private final String name = "etcd-" + UUID.randomUUID();
    private final BlockingQueue<WatchStream> watchStreams = new LinkedBlockingQueue<>();
    private final BlockingQueue<KeepAliveStream> keepAliveStreams = new LinkedBlockingQueue<>();
    private final BlockingQueue<Status> failures = new LinkedBlockingQueue<>();
    private final List<RangeRequest> ranges = new CopyOnWriteArrayList<>();
    private final List<TxnRequest> transactions = new CopyOnWriteArrayList<>();
    private final List<Long> revoked = new CopyOnWriteArrayList<>();
    private final List<Metadata> headers = new CopyOnWriteArrayList<>();
    private volatile ResponseHeader header = header(7, 100, 2);
    private volatile List<KeyValue> content = List.of();

    private FakeEtcd() {
        try {
            server =
                    InProcessServerBuilder.forName(name)
                            .addService(new Kv())
                            .addService(new Watches())
                            .addService(new Leases())
                            .intercept(new Headers())
                            .build()
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FakeEtcd start() {
        return new FakeEtcd();
    }

    EtcdMetadataStore.Builder store() {
        return EtcdMetadataStore.builder(List.of("fake:1"), _ -> channel())
                .timing(EtcdStores.QUICK);
    }

    /// A new channel to it.
    ManagedChannel channel() {
        return InProcessChannelBuilder.forName(name).build();
    }

    /// What every answer says of the cluster from now on.
    void history(ResponseHeader from) {
        header = from;
    }

    /// What every listing finds from now on.
    void content(KeyValue... all) {
        content = List.of(all);
    }

    /// The next single call fails like this; it has been received by then.
    void failNext(Status status) {
        failures.add(status);
    }

    List<RangeRequest> ranges() {
        return ranges;
    }

    List<TxnRequest> transactions() {
        return transactions;
    }

    List<Long> revoked() {
        return revoked;
    }

    /// The headers of every call, in order.
    List<Metadata> headers() {
        return headers;
    }

    /// The next watch stream that was opened and has asked for a watch.
    WatchStream watchStream() throws InterruptedException {
        return taken(watchStreams.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "watch stream");
    }

    /// The next stream of renewals.
    KeepAliveStream keepAliveStream() throws InterruptedException {
        return taken(keepAliveStreams.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "renewals");
    }

    static ResponseHeader header(long cluster, long revision, long term) {
        return ResponseHeader.newBuilder()
                .setClusterId(cluster)
                .setRevision(revision)
                .setRaftTerm(term)
                .build();
    }

    static KeyValue keyValue(String key, String value, long revision) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .setCreateRevision(revision)
                .setModRevision(revision)
                .build();
    }

    static Event put(String key, String value, long revision) {
        return Event.newBuilder().setKv(keyValue(key, value, revision)).build();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static <T> T taken(@Nullable T found, String what) {
        if (found == null) {
            throw new AssertionError("no " + what + " within " + PATIENCE_SECONDS + " s");
        }
        return found;
    }

    /// One watch stream. The test is the only one that answers on it.
    ///
    /// @param requests what the client has sent, the creation first
    /// @param cancelled open until the client has cancelled the stream
    record WatchStream(
            BlockingQueue<WatchRequest> requests,
            StreamObserver<WatchResponse> answers,
            CountDownLatch cancelled) {
        WatchRequest request() throws InterruptedException {
            return taken(requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "request");
        }

        /// Takes the creation and gives the revision it asks for.
        long startRevision() throws InterruptedException {
            return request().getCreateRequest().getStartRevision();
        }

        void created(long headerRevision) {
            answers.onNext(
                    WatchResponse.newBuilder()
                            .setHeader(header(7, headerRevision, 2))
                            .setCreated(true)
                            .build());
        }

        void events(Event... events) {
            answers.onNext(response(events).build());
        }

        void fragment(Event... events) {
            answers.onNext(response(events).setFragment(true).build());
        }

        void progress(long revision) {
            answers.onNext(
                    WatchResponse.newBuilder()
                            .setHeader(header(7, revision, 2))
                            .setWatchId(-1)
                            .build());
        }

        void cancel(long compactRevision, String reason) {
            answers.onNext(
                    WatchResponse.newBuilder()
                            .setCanceled(true)
                            .setCompactRevision(compactRevision)
                            .setCancelReason(reason)
                            .build());
        }

        void fail(Status status) {
            answers.onError(status.asRuntimeException());
        }

        private static WatchResponse.Builder response(Event... events) {
            long last = events[events.length - 1].getKv().getModRevision();
            return WatchResponse.newBuilder()
                    .setHeader(header(7, last, 2))
                    .addAllEvents(List.of(events));
        }
    }

    /// One stream of renewals.
    record KeepAliveStream(
            BlockingQueue<LeaseKeepAliveRequest> requests,
            StreamObserver<LeaseKeepAliveResponse> answers) {
        void request() throws InterruptedException {
            var _ = taken(requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "renewal");
        }

        void renewed(long seconds) {
            answers.onNext(LeaseKeepAliveResponse.newBuilder().setTTL(seconds).build());
        }
    }

    private <T> void answer(StreamObserver<T> observer, T answer) {
        Status failure = failures.poll();
        if (failure != null) {
            observer.onError(failure.asRuntimeException());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /// Opens when the client cancels; what is answered after that reaches nobody.
    private static CountDownLatch cancellation(StreamObserver<?> answers) {
        var cancelled = new CountDownLatch(1);
        ((ServerCallStreamObserver<?>) answers).setOnCancelHandler(cancelled::countDown);
        return cancelled;
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            ranges.add(request);
            answer(
                    observer,
                    RangeResponse.newBuilder().setHeader(header).addAllKvs(content).build());
        }

        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
            transactions.add(request);
            answer(observer, TxnResponse.newBuilder().setHeader(header).setSucceeded(true).build());
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            var stream =
                    new WatchStream(new LinkedBlockingQueue<>(), answers, cancellation(answers));
            return new Requests<>(stream.requests(), () -> watchStreams.add(stream));
        }
    }

    private final class Leases extends LeaseGrpc.LeaseImplBase {
        @Override
        public void leaseGrant(
                LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
            answer(
                    observer,
                    LeaseGrantResponse.newBuilder()
                            .setHeader(header)
                            .setID(42)
                            .setTTL(request.getTTL())
                            .build());
        }

        @Override
        public void leaseRevoke(
                LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
            revoked.add(request.getID());
            answer(observer, LeaseRevokeResponse.newBuilder().setHeader(header).build());
        }

        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
                StreamObserver<LeaseKeepAliveResponse> answers) {
            var _ = cancellation(answers);
            var stream = new KeepAliveStream(new LinkedBlockingQueue<>(), answers);
            return new Requests<>(stream.requests(), () -> keepAliveStreams.add(stream));
        }
    }

    /// Notes requests; the first makes the stream known.
    private static final class Requests<Q> implements StreamObserver<Q> {
        private final BlockingQueue<Q> into;
        private final Runnable first;
        private boolean known;

        Requests(BlockingQueue<Q> into, Runnable first) {
            this.into = into;
            this.first = first;
        }

        @Override
        public void onNext(Q request) {
            into.add(request);
            if (!known) {
                known = true;
                first.run();
            }
        }

        @Override
        public void onError(Throwable cause) {
            // The client has cancelled.
        }

        @Override
        public void onCompleted() {
            // Answers go on.
        }
    }

    private final class Headers implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata sent, ServerCallHandler<Q, A> next) {
            headers.add(sent);
            return next.startCall(call, sent);
        }
    }
}
