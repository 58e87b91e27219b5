package io.mimicore.controlplane.store.etcd;

import static io.mimicore.testkit.Eventually.eventually;
import static io.mimicore.testkit.Eventually.eventuallyGet;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Lease;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.MetadataStore.Watch;
import io.mimicore.store.StoreFullException;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.process.RealEtcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What watches and leases make of a real etcd that is killed, paused, compacted, restored and
/// full.
class EtcdOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir static Path directory;
    private static RealEtcd etcd;
    private static ManagedChannel operator;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RecordingListener listener = new RecordingListener();
    private EtcdMetadataStore store;

    @BeforeAll
    static void startEtcd() {
        etcd = RealEtcd.start(directory.resolve("data"));
        operator = EtcdStores.channel(etcd.endpoint());
    }

    @AfterAll
    static void stopEtcd() {
        operator.shutdownNow();
        etcd.close();
    }

    @BeforeEach
    void openStore() {
        operator.resetConnectBackoff();
        EtcdStores.clear(operator);
        store = EtcdStores.builder(etcd.endpoint()).meters(meters).open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void etcd_killedAndStartedAgain_losesNoEvent() {
        try (Watch _ = store.watch("/w/", store.list("/w/").revision(), listener)) {
            put("/w/a", "1");
            awaitSeen("+/w/a=1");
            etcd.kill();
            etcd.start();
            put("/w/a", "2");
            put("/w/b", "3");

            awaitSeen("+/w/a=1", "+/w/a=2", "+/w/b=3");
        }
    }

    @Test
    void etcd_pausedLongerThanALease_losesTheLeaseInTimeAndNoEvent() throws Exception {
        try (Watch _ = store.watch("/w/", store.list("/w/").revision(), listener);
                Lease lease = store.lease(Duration.ofSeconds(2))) {
            var lost = new CountDownLatch(1);
            lease.onLost(lost::countDown);
            store.commit(
                    Transaction.builder().putLeased("/w/led", "me".getBytes(UTF_8), lease).build());
            awaitSeen("+/w/led=me");

            etcd.pause();
            // Nobody has told it: etcd itself does not run.
            assertThat(lost.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(lease.isAlive()).isFalse();
            etcd.resume();

            eventually(PATIENCE, () -> assertThat(store.get("/w/led")).isNull());
            eventually(PATIENCE, () -> put("/w/a", "1"));
            eventually(
                    PATIENCE,
                    () -> assertThat(seen()).startsWith("+/w/led=me -/w/led").contains("+/w/a=1"));
        } finally {
            etcd.resume();
        }
    }

    @Test
    void watch_fromACompactedRevision_listsAndGoesOn() {
        long old = put("/w/a", "1");
        put("/w/a", "2");
        long newest = put("/w/b", "3");
        EtcdStores.compact(operator, newest);

        try (Watch _ = store.watch("/w/", old, listener)) {
            awaitSeen("all /w/a=2 /w/b=3");
            put("/w/a", "4");
            awaitSeen("all /w/a=2 /w/b=3", "+/w/a=4");
        }
        assertThat(breaks("compacted")).isEqualTo(1);
    }

    @Test
    void largeBacklog_comesInFragmentsAndWhole() {
        long from = store.list("/w/").revision();
        String value = "v".repeat(100 * 1024);
        for (int i = 0; i < 5; i++) {
            Transaction.Builder transaction = Transaction.builder();
            for (int k = 0; k < 14; k++) {
                transaction.put("/w/" + i + "/" + k, value.getBytes(UTF_8));
            }
            store.commit(transaction.build());
        }
        try (Watch _ = store.watch("/w/", from, listener)) {
            // 7 MB of events; etcd splits its answers at 2 MiB.
            eventually(PATIENCE, () -> assertThat(seen().split(" ", -1)).hasSize(70));
        }
        assertThat(breaks("oversized")).isZero();
    }

    @Test
    void largeListing_isReadInPagesThatFit() {
        byte[] value = new byte[1024 * 1024];
        for (int i = 0; i < 24; i++) {
            store.commit(Transaction.builder().put("/large/" + (10 + i), value).build());
        }
        Listing listing = store.list("/large/");
        assertThat(listing.entries())
                .hasSize(24)
                .isSortedAccordingTo((a, b) -> a.key().compareTo(b.key()));
        assertThat(store.keys("/large/")).hasSize(24);
    }

    @Test
    void manyKeys_areReadInPagesAtOneRevision() {
        for (int batch = 0; batch < 10; batch++) {
            Transaction.Builder transaction = Transaction.builder();
            for (int i = 0; i < 120; i++) {
                transaction.put("/many/" + (1_000 + batch * 120 + i), new byte[1]);
            }
            store.commit(transaction.build());
        }
        Listing listing = store.list("/many/");
        assertThat(listing.entries()).hasSize(1_200);
        assertThat(listing.entries().getLast().modRevision()).isEqualTo(listing.revision());
    }

    @Test
    void backupRestored_isNoticedListedAndFollowed() {
        put("/w/a", "1");
        etcd.kill();
        Path backup = directory.resolve("backup");
        etcd.backUp(backup);
        etcd.start();
        try (Watch _ = store.watch("/w/", store.list("/w/").revision(), listener)) {
            for (int i = 2; i < 9; i++) {
                put("/w/a", Integer.toString(i));
            }
            eventually(PATIENCE, () -> assertThat(seen()).endsWith("+/w/a=8"));
            etcd.kill();
            etcd.restore(backup);
            etcd.start();

            eventually(PATIENCE, () -> assertThat(seen()).endsWith("all /w/a=1"));
            put("/w/a", "new");
            eventually(PATIENCE, () -> assertThat(seen()).endsWith("+/w/a=new"));
        }
        assertThat(breaks("restored")).isEqualTo(1);
    }

    @Test
    void quotaReached_isReportedAndEndsWhenAnOperatorMakesRoom() {
        try (RealEtcd small =
                        RealEtcd.start(
                                directory.resolve("small"),
                                "--quota-backend-bytes",
                                Integer.toString(4 * 1024 * 1024));
                MetadataStore full = EtcdStores.builder(small.endpoint()).meters(meters).open()) {
            byte[] value = new byte[256 * 1024];
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    full.commit(
                                            Transaction.builder().put("/full/" + i, value).build());
                                }
                            })
                    .isInstanceOf(StoreFullException.class)
                    .hasMessageContaining("docs/operations.md");
            assertThat(full.list("/full/").entries()).isNotEmpty();

            Transaction.Builder delete = Transaction.builder();
            full.keys("/full/").forEach(key -> delete.delete(key.key()));
            long deleted = full.commit(delete.build()).revision();
            ManagedChannel smallOperator = EtcdStores.channel(small.endpoint());
            EtcdStores.compact(smallOperator, deleted);
            EtcdStores.defragmentAndDisarm(smallOperator);
            smallOperator.shutdownNow();

            assertThat(full.commit(Transaction.builder().put("/full/0", value).build()).succeeded())
                    .isTrue();
        }
    }

    private long put(String key, String value) {
        var transaction = Transaction.builder().put(key, value.getBytes(UTF_8)).build();
        // A connection that has just broken may have taken it along: it is put once more then.
        return eventuallyGet(PATIENCE, () -> store.commit(transaction).revision());
    }

    private void awaitSeen(String... deliveries) {
        // How events are put together is etcd's matter.
        eventually(PATIENCE, () -> assertThat(seen()).isEqualTo(String.join(" ", deliveries)));
    }

    private String seen() {
        return String.join(" ", listener.seen());
    }

    private double breaks(String cause) {
        return meters.get("mimicore_store_watch_breaks_total")
                .tag("cause", cause)
                .counter()
                .count();
    }
}
