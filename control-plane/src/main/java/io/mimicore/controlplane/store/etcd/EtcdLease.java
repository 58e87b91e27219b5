package io.mimicore.controlplane.store.etcd;

import io.mimicore.controlplane.store.etcd.EtcdMembers.EtcdMember;
import io.mimicore.proto.etcd.v3.LeaseGrpc;
import io.mimicore.proto.etcd.v3.LeaseKeepAliveRequest;
import io.mimicore.proto.etcd.v3.LeaseKeepAliveResponse;
import io.mimicore.store.MetadataStore.Lease;
import io.mimicore.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lease that a virtual thread of its own renews, three times in its time to live, with whichever
/// member answers.
///
/// It counts as alive until the time to live, counted from before the last renewal that was
/// answered was *sent*, less a tenth, is over: a process that was paused for longer finds it dead
/// the moment it goes on, before etcd has said anything. Thread-safe.
final class EtcdLease implements Lease {
    private static final Logger log = LoggerFactory.getLogger(EtcdLease.class);
    private static final int RENEWALS_PER_TTL = 3;
    private static final int MARGIN_DIVISOR = 10;

    private enum State {
        HELD,
        LOST,
        CLOSED
    }

    private final long id;
    private final long ttlNanos;
    private final Surroundings around;
    private final FullJitter jitter;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Runnable> lostActions = new ArrayList<>();
    private volatile long deadlineNanos;
    private volatile @Nullable Duplex<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;

    private EtcdLease(long id, long ttlNanos, Surroundings around) {
        this.id = id;
        this.ttlNanos = ttlNanos;
        this.around = around;
        this.jitter =
                new FullJitter(
                        around.clock().random(),
                        EtcdTiming.RETRY_MIN,
                        java.time.Duration.ofNanos(ttlNanos / (2 * RENEWALS_PER_TTL)));
    }

    /// What a lease needs of its store.
    ///
    /// @param ended told once when it is lost or closed
    record Surroundings(
            EtcdMembers members,
            EtcdCalls calls,
            EtcdReports reports,
            EtcdCalls.Clock clock,
            Consumer<EtcdLease> ended) {}

    /// Takes over a lease that was granted just now and renews it from now on.
    ///
    /// @param sentNanos from before the grant was sent
    static EtcdLease hold(long id, long ttlSeconds, long sentNanos, Surroundings around) {
        var lease = new EtcdLease(id, TimeUnit.SECONDS.toNanos(ttlSeconds), around);
        lease.renewedAt(sentNanos);
        Thread.ofVirtual().name("etcd-lease-" + Long.toHexString(id)).start(lease::run);
        return lease;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isAlive() {
        return state.get() == State.HELD && nanosLeft() > 0;
    }

    @Override
    public void onLost(Runnable action) {
        synchronized (lostActions) {
            if (state.get() == State.HELD) {
                lostActions.add(action);
                return;
            }
        }
        if (state.get() == State.LOST) {
            action.run();
        }
    }

    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) {
            return;
        }
        stopRenewing();
        try {
            // A lease that is lost here may still hold its keys there.
            around.calls().revoke(id);
        } catch (StoreException e) {
            log.debug("lease {} ends by itself", Long.toHexString(id), e);
        }
    }

    /// Ends it because the store is closed.
    void abandon() {
        if (lose()) {
            close();
        }
    }

    /// Ends it because the revisions that depend on it mean nothing any more.
    void historyReplaced() {
        lose("the cluster has another history");
    }

    private void run() {
        long renewAt = deadlineNanos - ttlNanos + ttlNanos / MARGIN_DIVISOR + interval();
        try {
            while (state.get() == State.HELD) {
                long now = now();
                long wait = Math.min(renewAt, deadlineNanos) - now;
                if (wait > 0) {
                    boolean _ = stop.await(wait, TimeUnit.NANOSECONDS);
                } else if (nanosLeft() <= 0) {
                    lose("no renewal was answered in time");
                } else {
                    renewAt = now + (renew() ? interval() : jitter.nextNanos());
                }
            }
        } catch (InterruptedException _) {
            lose("its thread was interrupted");
        } finally {
            dropStream();
        }
    }

    /// One renewal; false: it was not answered.
    private boolean renew() throws InterruptedException {
        EtcdMember member = around.members().current();
        var open = stream;
        if (open == null) {
            open = Duplex.open(member.streams(), LeaseGrpc.getLeaseKeepAliveMethod());
            stream = open;
        }
        long sent = now();
        open.send(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        return switch (open.poll(Math.min(interval(), nanosLeft()))) {
            case Duplex.Arrival.Message<LeaseKeepAliveResponse> message ->
                    take(message.content(), sent);
            case Duplex.Arrival.Ended<LeaseKeepAliveResponse> _ -> connectAnew(member);
            // A late answer must not be taken for that of the next renewal.
            case null -> connectAnew(member);
        };
    }

    private boolean take(LeaseKeepAliveResponse answer, long sent) {
        if (answer.getTTL() <= 0) {
            lose("etcd has let it expire");
            return true;
        }
        renewedAt(sent);
        jitter.reset();
        return true;
    }

    private boolean connectAnew(EtcdMember failed) {
        dropStream();
        if (state.get() == State.HELD) {
            around.members().failed(failed);
        }
        return false;
    }

    private void dropStream() {
        var open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }

    private void renewedAt(long sentNanos) {
        deadlineNanos = sentNanos + ttlNanos - ttlNanos / MARGIN_DIVISOR;
    }

    private void lose(String why) {
        if (lose()) {
            around.reports().leaseLost(id, why);
        }
    }

    // Boundary: one action's defect must not keep the others from being run.
    @SuppressWarnings("IllegalCatch")
    private boolean lose() {
        List<Runnable> actions;
        synchronized (lostActions) {
            if (!state.compareAndSet(State.HELD, State.LOST)) {
                return false;
            }
            actions = List.copyOf(lostActions);
        }
        stopRenewing();
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                log.error("an action on the loss of lease {} failed", Long.toHexString(id), e);
            }
        }
        return true;
    }

    private void stopRenewing() {
        stop.countDown();
        dropStream();
        around.ended().accept(this);
    }

    private long interval() {
        return ttlNanos / RENEWALS_PER_TTL;
    }

    private long nanosLeft() {
        return deadlineNanos - now();
    }

    private long now() {
        return around.clock().nanoTime().getAsLong();
    }
}
