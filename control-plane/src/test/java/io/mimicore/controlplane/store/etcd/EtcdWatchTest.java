package io.mimicore.controlplane.store.etcd;

import static io.mimicore.controlplane.store.etcd.FakeEtcd.header;
import static io.mimicore.controlplane.store.etcd.FakeEtcd.keyValue;
import static io.mimicore.controlplane.store.etcd.FakeEtcd.put;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.controlplane.store.etcd.FakeEtcd.WatchStream;
import io.mimicore.proto.etcd.v3.WatchResponse;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Lease;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.MetadataStore.Watch;
import io.mimicore.store.MetadataStore.WatchListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A watch against a server that does what servers should not.
class EtcdWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeEtcd etcd = FakeEtcd.start();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final EtcdMetadataStore store = etcd.store().meters(meters).open();
    private final RecordingListener listener = new RecordingListener();
    private Watch watch;

    @BeforeEach
    void startWatch() {
        // The store has seen this history before it watches, as after a listing.
        assertThat(store.get("/w/none")).isNull();
        watch = store.watch("/w/", 100, listener);
    }

    @AfterEach
    void close() {
        watch.close();
        store.close();
        etcd.close();
    }

    @Test
    void creation_withALaterRevisionInItsHeader_skipsNothing() throws Exception {
        WatchStream first = etcd.watchStream();
        assertThat(first.startRevision()).isEqualTo(101);
        first.created(200);
        first.fail(Status.UNAVAILABLE);

        assertThat(etcd.watchStream().startRevision()).isEqualTo(101);
    }

    @Test
    void stream_endedCleanly_isOpenedAgainAfterWhatWasDelivered() throws Exception {
        WatchStream first = etcd.watchStream();
        first.created(100);
        first.events(put("/w/a", "1", 105));
        etcd.history(header(7, 105, 2));
        first.answers().onCompleted();

        WatchStream second = etcd.watchStream();
        assertThat(second.startRevision()).isEqualTo(106);
        second.events(put("/w/a", "2", 106));
        awaitSeen("+/w/a=1", "+/w/a=2");
    }

    @Test
    void noLeader_endsTheStreamAndNotTheWatch() throws Exception {
        etcd.watchStream().fail(Status.UNAVAILABLE.withDescription("etcdserver: no leader"));

        WatchStream second = etcd.watchStream();
        assertThat(second.startRevision()).isEqualTo(101);
        second.events(put("/w/a", "1", 101));
        awaitSeen("+/w/a=1");
        assertThat(breaks("disconnected")).isEqualTo(1);
    }

    @Test
    void everyCall_requiresALeader() throws Exception {
        WatchStream _ = etcd.watchStream();
        var key = Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
        assertThat(etcd.headers())
                .isNotEmpty()
                .allSatisfy(headers -> assertThat(headers.get(key)).isEqualTo("true"));
    }

    @Test
    void fragments_areDeliveredAsOne() throws Exception {
        WatchStream stream = etcd.watchStream();
        assertThat(stream.request().getCreateRequest().getFragment()).isTrue();
        stream.fragment(put("/w/a", "1", 105), put("/w/b", "1", 105));
        stream.fragment(put("/w/c", "1", 105));
        // A sign of life in the middle is not the end of the transaction.
        stream.progress(105);
        stream.events(put("/w/d", "1", 105));

        awaitSeen("+/w/a=1 +/w/b=1 +/w/c=1 +/w/d=1");
    }

    @Test
    void fragments_whoseRestNeverComes_areAskedForAgain() throws Exception {
        WatchStream first = etcd.watchStream();
        first.fragment(put("/w/a", "1", 105));
        first.fail(Status.UNAVAILABLE);

        WatchStream second = etcd.watchStream();
        assertThat(second.startRevision()).isEqualTo(101);
        second.fragment(put("/w/a", "1", 105));
        second.events(put("/w/b", "1", 105));
        awaitSeen("+/w/a=1 +/w/b=1");
    }

    @Test
    void fragments_withoutEnd_areGivenUpForAListing() throws Exception {
        etcd.content(keyValue("/w/a", "9", 300));
        etcd.history(header(7, 300, 2));
        WatchStream first = etcd.watchStream();
        String large = "x".repeat(1024 * 1024);
        for (int i = 0; i <= Backlog.BYTES_MAX / large.length(); i++) {
            first.fragment(put("/w/a", large, 105));
        }

        assertThat(etcd.watchStream().startRevision()).isEqualTo(301);
        awaitSeen("all /w/a=9");
        assertThat(breaks("oversized")).isEqualTo(1);
    }

    @Test
    void compaction_isAListingAndGoesOnAfterIt() throws Exception {
        etcd.content(keyValue("/w/a", "7", 180));
        etcd.history(header(7, 190, 2));
        etcd.watchStream().cancel(150, "compacted");

        WatchStream second = etcd.watchStream();
        assertThat(second.startRevision()).isEqualTo(191);
        second.events(put("/w/a", "8", 191));
        awaitSeen("all /w/a=7", "+/w/a=8");
        assertThat(breaks("compacted")).isEqualTo(1);
    }

    @Test
    void cancellation_forAnyReason_isAListing() throws Exception {
        etcd.content(keyValue("/w/a", "7", 90));
        etcd.watchStream().cancel(0, "permission denied, for a moment");

        assertThat(etcd.watchStream().startRevision()).isEqualTo(101);
        awaitSeen("all /w/a=7");
        assertThat(breaks("cancelled")).isEqualTo(1);
    }

    @Test
    void progress_movesTheResumptionOn() throws Exception {
        WatchStream first = etcd.watchStream();
        first.created(100);
        first.progress(140);
        // Delivered after the progress, so that it has been taken when the stream breaks.
        first.events(put("/w/a", "1", 141));
        awaitSeen("+/w/a=1");
        first.progress(170);
        etcd.history(header(7, 170, 2));
        first.answers().onCompleted();

        assertThat(etcd.watchStream().startRevision()).isEqualTo(171);
    }

    @Test
    void silence_isAskedForASignOfLifeAndNeverTakenForProgress() throws Exception {
        WatchStream first = etcd.watchStream();
        assertThat(first.startRevision()).isEqualTo(101);
        first.created(100);
        assertThat(first.request().hasProgressRequest()).isTrue();

        // No answer: another stream, at the same place.
        assertThat(etcd.watchStream().startRevision()).isEqualTo(101);
        assertThat(breaks("silent")).isEqualTo(1);
    }

    @Test
    void signOfLife_keepsTheStream() throws Exception {
        WatchStream first = etcd.watchStream();
        assertThat(first.startRevision()).isEqualTo(101);
        for (int i = 0; i < 3; i++) {
            assertThat(first.request().hasProgressRequest()).isTrue();
            first.progress(100);
        }
        first.events(put("/w/a", "1", 101));
        awaitSeen("+/w/a=1");
        assertThat(breaks("silent")).isZero();
    }

    @Test
    void eventsSeenBefore_areNotDeliveredAgain() throws Exception {
        WatchStream first = etcd.watchStream();
        first.events(put("/w/a", "1", 105));
        first.events(put("/w/a", "1", 105), put("/w/a", "2", 106));
        awaitSeen("+/w/a=1", "+/w/a=2");
    }

    @Test
    void clusterWhoseRevisionWentBack_isReportedAndListed() throws Exception {
        WatchStream first = etcd.watchStream();
        first.events(put("/w/a", "5", 150));
        awaitSeen("+/w/a=5");
        // What it had after revision 120 is lost.
        etcd.history(header(7, 120, 2));
        etcd.content(keyValue("/w/a", "3", 118));
        first.fail(Status.UNAVAILABLE);

        WatchStream second = etcd.watchStream();
        assertThat(second.startRevision()).isEqualTo(121);
        second.events(put("/w/a", "4", 121));
        awaitSeen("+/w/a=5", "all /w/a=3", "+/w/a=4");
        assertThat(breaks("restored")).isEqualTo(1);
    }

    @Test
    void replacedHistory_endsLeases() throws Exception {
        Lease lease = store.lease(Duration.ofSeconds(60));
        var lost = new CountDownLatch(1);
        lease.onLost(lost::countDown);
        etcd.history(header(7, 90, 2));
        assertThat(store.get("/w/any")).isNull();

        assertThat(lost.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(lease.isAlive()).isFalse();
    }

    @Test
    void anotherCluster_thatIsFurtherOn_isListed() throws Exception {
        WatchStream first = etcd.watchStream();
        first.created(100);
        etcd.history(header(8, 1000, 2));
        etcd.content(keyValue("/w/z", "1", 900));
        first.fail(Status.UNAVAILABLE);

        assertThat(etcd.watchStream().startRevision()).isEqualTo(1001);
        awaitSeen("all /w/z=1");
    }

    @Test
    void clusterWhoseTermWentBack_isListed() throws Exception {
        WatchStream first = etcd.watchStream();
        first.created(100);
        etcd.history(header(7, 1000, 1));
        etcd.content(keyValue("/w/z", "1", 900));
        first.fail(Status.UNAVAILABLE);

        assertThat(etcd.watchStream().startRevision()).isEqualTo(1001);
        awaitSeen("all /w/z=1");
    }

    @Test
    void listener_thatFails_isToldEverything() throws Exception {
        etcd.content(keyValue("/w/a", "1", 105));
        etcd.history(header(7, 105, 2));
        listener.failNext(2);
        WatchStream first = etcd.watchStream();
        first.events(put("/w/a", "1", 105));

        assertThat(etcd.watchStream().startRevision()).isEqualTo(106);
        awaitSeen("all /w/a=1");
        assertThat(breaks("listener")).isEqualTo(2);
    }

    @Test
    void outage_ofManyTries_isSurvivedWhereItBegan() throws Exception {
        int tries = 40;
        for (int i = 0; i < tries; i++) {
            WatchStream stream = etcd.watchStream();
            assertThat(stream.startRevision()).isEqualTo(101);
            stream.fail(Status.UNAVAILABLE);
        }
        WatchStream last = etcd.watchStream();
        last.events(put("/w/a", "1", 101));
        awaitSeen("+/w/a=1");
        assertThat(breaks("disconnected")).isEqualTo(tries);
    }

    @Test
    void close_endsTheStream() throws Exception {
        WatchStream stream = etcd.watchStream();
        watch.close();
        assertThat(stream.cancelled().await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        stream.events(put("/w/a", "1", 101));
        assertThat(listener.seen()).isEmpty();
    }

    @Test
    void slowListener_leavesTheBacklogWithTheServer() throws Exception {
        WatchStream stream = etcd.watchStream();
        var answers = (ServerCallStreamObserver<WatchResponse>) stream.answers();
        var gate = new CountDownLatch(1);
        var blocking = new BlockedListener(gate);
        try (Watch _ = store.watch("/w/", 100, blocking)) {
            WatchStream slow = etcd.watchStream();
            var slowAnswers = (ServerCallStreamObserver<WatchResponse>) slow.answers();
            slow.events(put("/w/a", "1", 101));
            eventually(PATIENCE, () -> assertThat(blocking.calls()).isEqualTo(1));
            int taken = 0;
            // One is asked for while the first is delivered; no more is until it was.
            while (slowAnswers.isReady() && taken < 50) {
                slow.events(put("/w/a", "2", 102 + taken));
                taken++;
            }
            assertThat(taken).isLessThanOrEqualTo(2);
            assertThat(answers.isReady()).isTrue();
            gate.countDown();
            int expected = 1 + taken;
            eventually(PATIENCE, () -> assertThat(blocking.calls()).isEqualTo(expected));
        }
    }

    /// Takes nothing before the gate is open.
    private static final class BlockedListener implements WatchListener {
        private final CountDownLatch gate;
        private final AtomicInteger calls = new AtomicInteger();

        BlockedListener(CountDownLatch gate) {
            this.gate = gate;
        }

        int calls() {
            return calls.get();
        }

        @Override
        public void changed(List<Change> changes) {
            calls.incrementAndGet();
            try {
                assertThat(gate.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void resync(Listing listing) {
            throw new AssertionError("nothing was missed (expected: no listing)");
        }
    }

    private void awaitSeen(String... deliveries) {
        eventually(PATIENCE, () -> assertThat(listener.seen()).containsExactly(deliveries));
    }

    private double breaks(String cause) {
        return meters.get("mimicore_store_watch_breaks_total")
                .tag("cause", cause)
                .counter()
                .count();
    }
}
