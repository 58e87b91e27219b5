package io.mimicore.controlplane.store.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.store.etcd.EtcdMembers.EtcdMember;
import io.mimicore.controlplane.store.etcd.SeenHistory.Moment;
import io.mimicore.proto.etcd.v3.KVGrpc;
import io.mimicore.proto.etcd.v3.LeaseGrantRequest;
import io.mimicore.proto.etcd.v3.LeaseGrantResponse;
import io.mimicore.proto.etcd.v3.LeaseGrpc;
import io.mimicore.proto.etcd.v3.LeaseRevokeRequest;
import io.mimicore.proto.etcd.v3.RangeRequest;
import io.mimicore.proto.etcd.v3.RangeResponse;
import io.mimicore.proto.etcd.v3.ResponseHeader;
import io.mimicore.proto.etcd.v3.TxnRequest;
import io.mimicore.proto.etcd.v3.TxnResponse;
import io.mimicore.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Single calls: each is tried with one member after another until it is answered or its time is
/// over.
///
/// What may be done twice is tried again after any passing failure; a transaction only if no byte
/// of it has left this process, because one that was lost on the way may have taken effect.
///
/// Thread-safe. Methods block for up to [EtcdTiming#callTimeout], without heed to interrupts, which
/// are kept for the caller.
final class EtcdCalls {
    /// Tries of one call that share its time: a member that hangs leaves time for another.
    private static final int SHARES = 2;

    private final EtcdMembers members;
    private final SeenHistory history;
    private final EtcdReports reports;
    private final EtcdTiming timing;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Runnable replaced;
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @param replaced told when the cluster's history was replaced
    EtcdCalls(
            EtcdMembers members,
            SeenHistory history,
            EtcdReports reports,
            Clock clock,
            Runnable replaced) {
        this.members = members;
        this.history = history;
        this.reports = reports;
        this.timing = clock.timing();
        this.nanoTime = clock.nanoTime();
        this.random = clock.random();
        this.replaced = replaced;
    }

    /// Time and chance.
    ///
    /// @param nanoTime nanoseconds that never go back
    record Clock(EtcdTiming timing, LongSupplier nanoTime, RandomGenerator random) {
        FullJitter jitter() {
            return new FullJitter(random, EtcdTiming.RETRY_MIN, timing.retryMax());
        }
    }

    /// Reads.
    ///
    /// @throws StatusRuntimeException with a failure that another try does not mend
    RangeResponse range(String what, RangeRequest request) {
        Moment before = history.newest();
        RangeResponse response = call(what, KVGrpc.getRangeMethod(), request, true);
        see(before, response.getHeader());
        return response;
    }

    /// Writes.
    TxnResponse transact(String what, TxnRequest request) {
        Moment before = history.newest();
        TxnResponse response = translated(what, KVGrpc.getTxnMethod(), request, false);
        see(before, response.getHeader());
        return response;
    }

    /// Makes a lease; one that was lost on the way ends by itself.
    LeaseGrantResponse grant(long seconds) {
        var request = LeaseGrantRequest.newBuilder().setTTL(seconds).build();
        return translated("grant a lease", LeaseGrpc.getLeaseGrantMethod(), request, true);
    }

    /// Ends a lease.
    void revoke(long id) {
        var request = LeaseRevokeRequest.newBuilder().setID(id).build();
        var _ = translated("revoke a lease", LeaseGrpc.getLeaseRevokeMethod(), request, true);
    }

    /// Ends waiting calls between their tries.
    void close() {
        closed.countDown();
    }

    private void see(@Nullable Moment before, ResponseHeader header) {
        String how = history.see(before, header);
        if (how != null) {
            reports.restored(how);
            replaced.run();
        }
    }

    private <Q, A> A translated(
            String what, MethodDescriptor<Q, A> method, Q request, boolean mayRepeat) {
        try {
            return call(what, method, request, mayRepeat);
        } catch (StatusRuntimeException e) {
            StoreException told = EtcdErrors.translate(what, e);
            if (told instanceof io.mimicore.store.StoreFullException) {
                reports.full(what);
            }
            throw told;
        }
    }

    private <Q, A> A call(
            String what, MethodDescriptor<Q, A> method, Q request, boolean mayRepeat) {
        long deadline = nanoTime.getAsLong() + timing.callTimeout().toNanos();
        var jitter = new FullJitter(random, EtcdTiming.RETRY_MIN, timing.retryMax());
        while (true) {
            requireOpen(what);
            EtcdMember member = members.current();
            var departure = new Departure();
            try {
                A answer = tryOnce(member, method, request, departure, shareUntil(deadline));
                reports.answered();
                return answer;
            } catch (StatusRuntimeException e) {
                if (!EtcdErrors.isPassing(e)) {
                    requireOpen(what);
                    reports.answered();
                    throw e;
                }
                members.failed(member);
                boolean again = mayRepeat || !departure.hasLeft();
                long wait = jitter.nextNanos();
                if (!again || nanoTime.getAsLong() + wait - deadline >= 0) {
                    reports.unreachable(
                            member.name() + " " + EtcdErrors.description(e.getStatus()));
                    throw EtcdErrors.translate(what + " (" + members.describe() + ")", e);
                }
                await(what, wait);
            }
        }
    }

    private static <Q, A> A tryOnce(
            EtcdMember member,
            MethodDescriptor<Q, A> method,
            Q request,
            Departure departure,
            Duration patience) {
        CallOptions options =
                CallOptions.DEFAULT
                        .withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
                        .withStreamTracerFactory(departure);
        var answer = new Answer<A>();
        ClientCalls.asyncUnaryCall(member.calls().newCall(method, options), request, answer);
        return answer.await();
    }

    /// With several members a try gets a share of the time only.
    private Duration shareUntil(long deadline) {
        long left = Math.max(1, deadline - nanoTime.getAsLong());
        long share = timing.callTimeout().toNanos() / SHARES;
        return Duration.ofNanos(members.size() == 1 ? left : Math.min(left, share));
    }

    /// Waits; an interrupt is kept for the caller.
    private void await(String what, long nanos) {
        boolean interrupted = Thread.interrupted();
        long end = nanoTime.getAsLong() + nanos;
        try {
            while (closed.getCount() > 0) {
                try {
                    boolean _ = closed.await(end - nanoTime.getAsLong(), TimeUnit.NANOSECONDS);
                    break;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        requireOpen(what);
    }

    private void requireOpen(String what) {
        if (closed.getCount() == 0) {
            throw new StoreException(what + ": the metadata store is closed");
        }
    }

    /// Waits for a call's end, without heed to interrupts: what was begun is bounded by its
    /// deadline.
    private static final class Answer<A> implements StreamObserver<A> {
        private final CompletableFuture<A> outcome = new CompletableFuture<>();

        A await() {
            try {
                return outcome.join();
            } catch (CompletionException e) {
                throw Status.fromThrowable(e).asRuntimeException();
            }
        }

        @Override
        public void onNext(A value) {
            outcome.complete(value);
        }

        @Override
        public void onError(Throwable cause) {
            outcome.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {
            // Without effect after an answer.
            outcome.completeExceptionally(
                    Status.INTERNAL.withDescription("no answer").asRuntimeException());
        }
    }

    /// Notes whether a request has begun to leave this process.
    private static final class Departure extends ClientStreamTracer.Factory {
        private volatile boolean left;

        boolean hasLeft() {
            return left;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(
                ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    left = true;
                }
            };
        }
    }
}
