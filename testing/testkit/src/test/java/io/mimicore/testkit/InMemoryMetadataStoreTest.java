package io.mimicore.testkit;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryMetadataStoreTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration TTL = Duration.ofSeconds(20);

    private final AtomicLong nanos = new AtomicLong();
    private final InMemoryMetadataStore store = new InMemoryMetadataStore(nanos::get);

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void commit_comparisonFails_runsOtherwise() {
        put("a", "1");

        MetadataStore.Outcome outcome =
                store.commit(
                        Transaction.builder()
                                .ifAbsent("a")
                                .put("a", bytes("2"))
                                .otherwisePut("b", bytes("3"))
                                .build());

        assertThat(outcome.succeeded()).isFalse();
        assertThat(outcome.revision()).isEqualTo(2);
        assertThat(texts(store.list(""))).containsExactly("a=1", "b=3");
    }

    @Test
    void commit_writesAgain_keepsCreateRevision() {
        put("a", "1");
        put("a", "2");

        MetadataStore.Entry entry = store.list("a").entries().getFirst();
        assertThat(entry.createRevision()).isEqualTo(1);
        assertThat(entry.modRevision()).isEqualTo(2);
    }

    @Test
    void commit_keyTwiceInBranch_isRefused() {
        Transaction twice = Transaction.builder().put("a", bytes("1")).put("a", bytes("2")).build();

        assertThatThrownBy(() -> store.commit(twice)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void watch_fromRevision_deliversLaterChangesInOrder() {
        put("x/a", "1");
        var seen = new Recorder();

        try (MetadataStore.Watch _ = store.watch("x/", 1, seen)) {
            put("y", "0");
            put("x/b", "2");
            store.commit(Transaction.builder().delete("x/a").build());

            eventually(PATIENCE, () -> assertThat(seen.events).containsExactly("x/b=2", "-x/a"));
        }
    }

    @Test
    void watch_fromCompactedRevision_resyncsThenGoesOn() {
        put("a", "1");
        put("a", "2");
        store.compact();
        var seen = new Recorder();

        try (MetadataStore.Watch _ = store.watch("a", 1, seen)) {
            put("b", "0");
            put("a", "3");

            eventually(
                    PATIENCE, () -> assertThat(seen.events).containsExactly("resync a=2", "a=3"));
        }
    }

    @Test
    void lease_processStopsLongerThanItsTtl_losesKeysAndIsTold() {
        InMemorySession process = store.session();
        MetadataStore.Lease lease = process.lease(TTL);
        var told = new AtomicBoolean();
        lease.onLost(() -> told.set(true));
        process.commit(Transaction.builder().putLeased("k", bytes("v"), lease).build());

        nanos.addAndGet(TTL.toNanos());
        store.expireLeases();
        assertThat(store.get("k")).as("renewed").isNotNull();

        process.pause();
        nanos.addAndGet(TTL.toNanos());
        assertThat(lease.isAlive()).isFalse();
        assertThat(store.get("k")).isNull();
        assertThat(told).as("while stopped").isFalse();

        process.resume();
        assertThat(told).isTrue();
        assertThatThrownBy(() ->
                        process.commit(
                                Transaction.builder().putLeased("k", bytes("v"), lease).build()))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void lease_closed_deletesKeys() {
        MetadataStore.Lease lease = store.lease(TTL);
        store.commit(Transaction.builder().putLeased("k", bytes("v"), lease).build());

        lease.close();

        assertThat(store.get("k")).isNull();
        assertThat(lease.isAlive()).isFalse();
    }

    @Test
    void session_disconnected_refusesUntilReconnected() {
        InMemorySession process = store.session();

        process.disconnect("no route");
        assertThatThrownBy(() -> process.get("a"))
                .isInstanceOf(StoreException.class)
                .hasMessage("no route");
        process.reconnect();

        assertThat(process.get("a")).isNull();
    }

    private void put(String key, String value) {
        store.commit(Transaction.builder().put(key, bytes(value)).build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static List<String> texts(MetadataStore.Listing listing) {
        return listing.entries().stream().map(InMemoryMetadataStoreTest::text).toList();
    }

    private static String text(MetadataStore.Entry entry) {
        return entry.key() + "=" + new String(entry.value(), UTF_8);
    }

    private static final class Recorder implements MetadataStore.WatchListener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void changed(List<MetadataStore.Change> changes) {
            for (MetadataStore.Change change : changes) {
                events.add(
                        switch (change) {
                            case MetadataStore.Change.Written written -> text(written.entry());
                            case MetadataStore.Change.Deleted deleted -> "-" + deleted.key();
                        });
            }
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            events.add("resync " + String.join(" ", texts(listing)));
        }
    }
}
