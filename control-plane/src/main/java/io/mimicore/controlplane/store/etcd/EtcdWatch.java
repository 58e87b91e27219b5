package io.mimicore.controlplane.store.etcd;

import io.grpc.Status;
import io.mimicore.controlplane.store.etcd.EtcdMembers.EtcdMember;
import io.mimicore.controlplane.store.etcd.EtcdReports.WatchBreak;
import io.mimicore.proto.etcd.v3.WatchCreateRequest;
import io.mimicore.proto.etcd.v3.WatchGrpc;
import io.mimicore.proto.etcd.v3.WatchProgressRequest;
import io.mimicore.proto.etcd.v3.WatchRequest;
import io.mimicore.proto.etcd.v3.WatchResponse;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.MetadataStore.Watch;
import io.mimicore.store.MetadataStore.WatchListener;
import io.mimicore.store.StoreException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A watch that lasts until it is closed, whatever becomes of its streams.
///
/// A virtual thread of its own opens a stream, delivers, and opens the next one when it breaks.
/// Where it goes on is decided by two things only: events that were delivered, and progress that
/// the server has told; never by the header that comes with the creation of a watch, and never by
/// time. Before it goes on after a break it asks the cluster whether its history is still the same.
/// When that cannot be done without loss (compacted, cancelled, restored, too large, or the
/// listener itself failed) it lists the keys and tells the listener to compare.
///
/// Nothing piles up here: the next message is asked for when the last was delivered, and a listener
/// that is too slow for etcd's own patience finds its revisions compacted one day, which is a
/// listing.
final class EtcdWatch implements Watch {
    private final KeyRange range;
    private final String prefix;
    private final WatchListener listener;
    private final Surroundings around;
    private final FullJitter jitter;
    private final ReentrantLock delivering = new ReentrantLock();
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable Duplex<WatchRequest, WatchResponse> stream;
    private volatile boolean stopped;

    // Confined to the watch's thread.
    private long next;
    private int historyNumber;
    private boolean mustList;
    private @Nullable WatchBreak lastBreak;

    /// What a watch needs of its store.
    ///
    /// @param ended told once when it is closed
    record Surroundings(
            Reads reads,
            EtcdMembers members,
            EtcdReports reports,
            EtcdCalls.Clock clock,
            Consumer<EtcdWatch> ended) {}

    /// What a watch reads between its streams.
    interface Reads {
        /// Everything below `prefix`.
        Listing list(String prefix);

        /// The cluster's revision.
        long revision();

        /// The number of the history that answers at present.
        int historyNumber();
    }

    private EtcdWatch(String prefix, long revision, WatchListener listener, Surroundings around) {
        this.prefix = prefix;
        this.range = KeyRange.startingWith(prefix);
        this.next = revision + 1;
        this.listener = listener;
        this.around = around;
        this.jitter = around.clock().jitter();
        this.historyNumber = around.reads().historyNumber();
    }

    static EtcdWatch start(
            String prefix, long revision, WatchListener listener, Surroundings around) {
        var watch = new EtcdWatch(prefix, revision, listener, around);
        Thread.ofVirtual().name("etcd-watch " + prefix).start(watch::run);
        return watch;
    }

    @Override
    public void close() {
        stopped = true;
        stop.countDown();
        var open = stream;
        if (open != null) {
            open.close();
        }
        around.ended().accept(this);
        // Waits for a delivery under way, unless the listener itself is closing the watch.
        delivering.lock();
        try {
            assert stopped;
        } finally {
            delivering.unlock();
        }
    }

    /// Why one stream is not used any more.
    private record Break(WatchBreak why, String details) {}

    private void run() {
        boolean first = true;
        try {
            while (!stopped) {
                EtcdMember member = around.members().current();
                long started = now();
                Break broken = first ? follow(member) : resume(member);
                first = false;
                if (stopped) {
                    return;
                }
                react(broken, member);
                // Only a stream that has lasted shows that the next may be opened at once.
                if (now() - started > around.clock().timing().retryMax().toNanos()) {
                    jitter.reset();
                }
                boolean _ = stop.await(jitter.nextNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException _) {
            stopped = true;
        }
    }

    private void react(Break broken, EtcdMember member) {
        report(broken);
        switch (broken.why()) {
            case DISCONNECTED, SILENT -> around.members().failed(member);
            case COMPACTED, CANCELLED, OVERSIZED, RESTORED, LISTENER -> mustList = true;
        }
    }

    private void report(Break broken) {
        around.reports()
                .watchBroken(broken.why(), prefix, broken.details(), broken.why() == lastBreak);
        lastBreak = broken.why();
    }

    /// Goes on after a break.
    private Break resume(EtcdMember member) throws InterruptedException {
        try {
            if (!mustList) {
                long revision = around.reads().revision();
                if (around.reads().historyNumber() != historyNumber || revision < next - 1) {
                    // Revisions mean other things now.
                    mustList = true;
                    report(new Break(WatchBreak.RESTORED, "revision " + revision));
                }
            }
            if (mustList) {
                historyNumber = around.reads().historyNumber();
                Listing listing = around.reads().list(prefix);
                if (!deliver(() -> listener.resync(listing))) {
                    return new Break(WatchBreak.LISTENER, "while it took a listing");
                }
                mustList = false;
                next = listing.revision() + 1;
            }
        } catch (StoreException e) {
            return new Break(WatchBreak.DISCONNECTED, String.valueOf(e.getMessage()));
        }
        return follow(member);
    }

    /// Delivers what one stream brings, until it breaks.
    private Break follow(EtcdMember member) throws InterruptedException {
        try (var open = Duplex.open(member.streams(), WatchGrpc.getWatchMethod())) {
            stream = open;
            open.send(create());
            return read(open);
        } finally {
            stream = null;
        }
    }

    private Break read(Duplex<WatchRequest, WatchResponse> open) throws InterruptedException {
        long patience = around.clock().timing().silenceMax().toNanos();
        var backlog = new Backlog(Backlog.BYTES_MAX);
        boolean asked = false;
        while (!stopped) {
            switch (open.poll(patience)) {
                case Duplex.Arrival.Message<WatchResponse> message -> {
                    asked = false;
                    lastBreak = null;
                    Break broken = take(message.content(), backlog);
                    if (broken != null) {
                        return broken;
                    }
                }
                case Duplex.Arrival.Ended<WatchResponse> ended -> {
                    return endedBy(ended.status());
                }
                case null -> {
                    if (asked) {
                        return new Break(WatchBreak.SILENT, "no answer to a progress request");
                    }
                    asked = true;
                    open.send(progressRequest());
                }
            }
        }
        return new Break(WatchBreak.DISCONNECTED, "closed");
    }

    private @Nullable Break take(WatchResponse response, Backlog backlog) {
        if (response.getCanceled()) {
            return response.getCompactRevision() > 0
                    ? new Break(WatchBreak.COMPACTED, "up to " + response.getCompactRevision())
                    : new Break(WatchBreak.CANCELLED, response.getCancelReason());
        }
        if (response.getEventsCount() == 0) {
            if (!response.getCreated() && backlog.isEmpty()) {
                // Everything up to this revision has been sent.
                next = Math.max(next, response.getHeader().getRevision() + 1);
            }
            return null;
        }
        if (!backlog.add(response, next)) {
            return new Break(WatchBreak.OVERSIZED, "fragments beyond " + Backlog.BYTES_MAX);
        }
        return response.getFragment() ? null : deliverAll(backlog.take());
    }

    private @Nullable Break deliverAll(List<Change> changes) {
        if (changes.isEmpty()) {
            return null;
        }
        if (!deliver(() -> listener.changed(changes))) {
            return new Break(WatchBreak.LISTENER, "while it took changes");
        }
        next = Backlog.revisionOf(changes.getLast()) + 1;
        return null;
    }

    // Boundary: a listener's defect must not end the watch it depends on.
    @SuppressWarnings("IllegalCatch")
    private boolean deliver(Runnable delivery) {
        delivering.lock();
        try {
            if (!stopped) {
                delivery.run();
            }
            return true;
        } catch (RuntimeException e) {
            around.reports().listenerFailed(prefix, e);
            return false;
        } finally {
            delivering.unlock();
        }
    }

    private static Break endedBy(Status status) {
        return new Break(
                EtcdErrors.isOversized(status) ? WatchBreak.OVERSIZED : WatchBreak.DISCONNECTED,
                EtcdErrors.description(status));
    }

    private WatchRequest create() {
        return WatchRequest.newBuilder()
                .setCreateRequest(
                        WatchCreateRequest.newBuilder()
                                .setKey(range.first())
                                .setRangeEnd(range.end())
                                .setStartRevision(next)
                                .setProgressNotify(true)
                                .setFragment(true))
                .build();
    }

    private static WatchRequest progressRequest() {
        return WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build();
    }

    private long now() {
        return around.clock().nanoTime().getAsLong();
    }
}
