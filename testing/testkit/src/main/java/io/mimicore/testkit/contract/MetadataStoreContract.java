package io.mimicore.testkit.contract;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Change;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.MetadataStore.Listing;
import io.mimicore.store.MetadataStore.Outcome;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a [MetadataStore] promises. A subclass says how to open one that is empty.
public abstract class MetadataStoreContract {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private MetadataStore store;

    /// Opens an empty store.
    protected abstract MetadataStore open() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void get_absentKey_isNull() {
        assertThat(store.get("/k")).isNull();
    }

    @Test
    void commit_put_canBeRead() {
        Outcome outcome = put("/k", "v");

        Entry entry = existing("/k");
        assertThat(outcome.succeeded()).isTrue();
        assertThat(text(entry)).isEqualTo("v");
        assertThat(entry.createRevision()).isEqualTo(outcome.revision());
        assertThat(entry.modRevision()).isEqualTo(outcome.revision());
    }

    @Test
    void commit_secondPut_keepsCreateRevision() {
        Outcome first = put("/k", "1");
        Outcome second = put("/k", "2");

        Entry entry = existing("/k");
        assertThat(second.revision()).isGreaterThan(first.revision());
        assertThat(entry.createRevision()).isEqualTo(first.revision());
        assertThat(entry.modRevision()).isEqualTo(second.revision());
    }

    @Test
    void commit_deleteThenPut_hasNewCreateRevision() {
        Outcome first = put("/k", "1");
        store.commit(Transaction.builder().delete("/k").build());
        assertThat(store.get("/k")).isNull();

        put("/k", "2");
        assertThat(existing("/k").createRevision()).isGreaterThan(first.revision());
    }

    @Test
    void commit_emptyValue_isAnEntry() {
        put("/k", "");
        assertThat(existing("/k").value()).isEmpty();
    }

    @Test
    void commit_ifAbsentOnExisting_doesOtherwise() {
        put("/k", "1");

        Outcome outcome =
                store.commit(
                        Transaction.builder()
                                .ifAbsent("/k")
                                .put("/k", bytes("2"))
                                .otherwisePut("/other", bytes("3"))
                                .build());

        assertThat(outcome.succeeded()).isFalse();
        assertThat(text(existing("/k"))).isEqualTo("1");
        assertThat(text(existing("/other"))).isEqualTo("3");
    }

    @Test
    void commit_staleModRevision_changesNothing() {
        Outcome first = put("/k", "1");
        put("/k", "2");

        Outcome outcome =
                store.commit(
                        Transaction.builder()
                                .ifModRevision("/k", first.revision())
                                .put("/k", bytes("3"))
                                .put("/l", bytes("3"))
                                .build());

        assertThat(outcome.succeeded()).isFalse();
        assertThat(text(existing("/k"))).isEqualTo("2");
        assertThat(store.get("/l")).isNull();
    }

    @Test
    void commit_createRevision_isAFence() {
        Outcome first = put("/owner", "a");
        store.commit(Transaction.builder().delete("/owner").build());
        put("/owner", "b");

        Outcome late =
                store.commit(
                        Transaction.builder()
                                .ifCreateRevision("/owner", first.revision())
                                .put("/result", bytes("a"))
                                .build());

        assertThat(late.succeeded()).isFalse();
        assertThat(store.get("/result")).isNull();
    }

    @Test
    void commit_severalOperations_shareOneRevision() {
        Outcome outcome =
                store.commit(
                        Transaction.builder().put("/a", bytes("1")).put("/b", bytes("2")).build());

        assertThat(existing("/a").modRevision()).isEqualTo(outcome.revision());
        assertThat(existing("/b").modRevision()).isEqualTo(outcome.revision());
    }

    @Test
    void commit_sameKeyTwice_isRefused() {
        Transaction twice =
                Transaction.builder().put("/a", bytes("1")).put("/a", bytes("2")).build();
        assertThatThrownBy(() -> store.commit(twice))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/a");
        assertThat(store.get("/a")).isNull();
    }

    @Test
    void commit_operationsAtTheLimit_arePossibleAndOneMoreIsRefused() {
        Transaction.Builder most = Transaction.builder();
        for (int i = 0; i < MetadataStore.OPERATIONS_MAX; i++) {
            most.put("/many/" + i, bytes("v"));
        }
        assertThat(store.commit(most.build()).succeeded()).isTrue();
        assertThat(store.list("/many/").entries()).hasSize(MetadataStore.OPERATIONS_MAX);

        most.put("/many/more", bytes("v"));
        assertThatThrownBy(() -> store.commit(most.build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("129 operations");
    }

    @Test
    void commit_moreBytesThanTheLimit_isRefused() {
        byte[] large = new byte[MetadataStore.TRANSACTION_BYTES_MAX + 1];
        assertThatThrownBy(() -> store.commit(Transaction.builder().put("/k", large).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes");
        assertThat(store.get("/k")).isNull();
    }

    @Test
    void commit_everythingAtItsLimit_isPossible() {
        int each = MetadataStore.TRANSACTION_BYTES_MAX / MetadataStore.OPERATIONS_MAX;
        Transaction.Builder most = Transaction.builder();
        for (int i = 0; i < MetadataStore.OPERATIONS_MAX; i++) {
            String key = "/most/" + "k".repeat(80) + (100 + i);
            most.ifAbsent(key).put(key, new byte[each - key.length()]);
        }
        assertThat(store.commit(most.build()).succeeded()).isTrue();
        assertThat(store.list("/most/").entries()).hasSize(MetadataStore.OPERATIONS_MAX);

        most.ifAbsent("/one/more");
        assertThatThrownBy(() -> store.commit(most.build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("129 comparisons");
    }

    @Test
    void list_prefix_isSortedAndComplete() {
        put("/p/b", "2");
        put("/p/a", "1");
        put("/q/a", "3");
        Outcome last = put("/p", "0");

        Listing listing = store.list("/p/");
        assertThat(listing.entries()).extracting(Entry::key).containsExactly("/p/a", "/p/b");
        assertThat(listing.revision()).isEqualTo(last.revision());
    }

    @Test
    void keys_prefix_areThoseOfTheListingWithTheirRevisions() {
        put("/p/b", "2");
        put("/p/a", "1");
        put("/p/a", "3");
        put("/q/a", "4");

        assertThat(store.keys("/p/"))
                .isEqualTo(
                        store.list("/p/").entries().stream()
                                .map(entry -> new KeyRevision(entry.key(), entry.modRevision()))
                                .toList())
                .extracting(KeyRevision::key)
                .containsExactly("/p/a", "/p/b");
    }

    @Test
    void watch_changesAfterTheRevision_comeInOrderOnce() {
        put("/w/old", "0");
        long from = store.list("/w/").revision();
        put("/w/a", "1");
        Recorder recorder = new Recorder();
        try (MetadataStore.Watch _ = store.watch("/w/", from, recorder)) {
            put("/x/other", "-");
            put("/w/a", "2");
            store.commit(Transaction.builder().delete("/w/a").delete("/w/old").build());

            eventually(
                    PATIENCE,
                    () ->
                            assertThat(recorder.seen())
                                    .containsExactly("+/w/a=1", "+/w/a=2", "-/w/a", "-/w/old"));
        }
    }

    @Test
    void watch_closed_deliversNothingMore() {
        Recorder recorder = new Recorder();
        MetadataStore.Watch watch = store.watch("/w/", store.list("/w/").revision(), recorder);
        put("/w/a", "1");
        eventually(PATIENCE, () -> assertThat(recorder.seen()).hasSize(1));
        watch.close();

        put("/w/b", "2");
        Recorder later = new Recorder();
        try (MetadataStore.Watch _ = store.watch("/w/", existing("/w/a").modRevision(), later)) {
            eventually(PATIENCE, () -> assertThat(later.seen()).containsExactly("+/w/b=2"));
        }
        assertThat(recorder.seen()).hasSize(1);
    }

    @Test
    void lease_closed_takesItsKeysAlong() throws Exception {
        Recorder recorder = new Recorder();
        long from = store.list("/l/").revision();
        try (MetadataStore.Watch _ = store.watch("/l/", from, recorder)) {
            MetadataStore.Lease lease = store.lease(Duration.ofSeconds(20));
            store.commit(Transaction.builder().putLeased("/l/a", bytes("1"), lease).build());
            put("/l/b", "2");
            assertThat(lease.isAlive()).isTrue();

            lease.close();

            assertThat(lease.isAlive()).isFalse();
            assertThat(store.get("/l/a")).isNull();
            assertThat(text(existing("/l/b"))).isEqualTo("2");
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(recorder.seen())
                                    .containsExactly("+/l/a=1", "+/l/b=2", "-/l/a"));
        }
    }

    @Test
    void lease_endedLease_cannotBePutUnder() {
        MetadataStore.Lease lease = store.lease(Duration.ofSeconds(20));
        lease.close();
        Transaction late = Transaction.builder().putLeased("/l/a", bytes("1"), lease).build();
        assertThatThrownBy(() -> store.commit(late)).isInstanceOf(StoreException.class);
        assertThat(store.get("/l/a")).isNull();
    }

    @Test
    void commit_manyThreadsCountingByCompareAndSet_loseNothing() throws Exception {
        int threads = 8;
        int rounds = 25;
        put("/counter", "0");
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(
                        executor.submit(() -> {
                            start.await();
                            for (int round = 0; round < rounds; round++) {
                                increment("/counter");
                            }
                            return null;
                        }));
            }
            start.countDown();
            for (Future<?> thread : running) {
                thread.get();
            }
        }
        assertThat(text(existing("/counter"))).isEqualTo(Integer.toString(threads * rounds));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void commit_randomOperations_equalTheModel(long seed) {
        Random random = new Random(seed);
        Map<String, String> model = new TreeMap<>();
        Recorder recorder = new Recorder();
        List<String> expected = Collections.synchronizedList(new ArrayList<>());
        long from = store.list("/r/").revision();
        try (MetadataStore.Watch _ = store.watch("/r/", from, recorder)) {
            for (int i = 0; i < 200; i++) {
                String key = "/r/" + random.nextInt(12);
                boolean onlyIfAbsent = random.nextInt(3) == 0;
                boolean delete = random.nextInt(4) == 0;
                Transaction.Builder transaction = Transaction.builder();
                if (onlyIfAbsent) {
                    transaction.ifAbsent(key);
                }
                String value = Integer.toString(i);
                if (delete) {
                    transaction.delete(key);
                } else {
                    transaction.put(key, bytes(value));
                }
                boolean applies = !onlyIfAbsent || !model.containsKey(key);
                assertThat(store.commit(transaction.build()).succeeded()).isEqualTo(applies);
                if (applies && delete && model.remove(key) != null) {
                    expected.add("-" + key);
                } else if (applies && !delete) {
                    model.put(key, value);
                    expected.add("+" + key + "=" + value);
                }
            }
            Map<String, String> listed = new TreeMap<>();
            store.list("/r/").entries().forEach(e -> listed.put(e.key(), text(e)));
            assertThat(listed).isEqualTo(model);
            eventually(PATIENCE, () -> assertThat(recorder.seen()).isEqualTo(expected));
        }
    }

    private void increment(String key) {
        while (true) {
            Entry entry = existing(key);
            String next = Integer.toString(Integer.parseInt(text(entry)) + 1);
            Transaction swap =
                    Transaction.builder()
                            .ifModRevision(key, entry.modRevision())
                            .put(key, bytes(next))
                            .build();
            if (store.commit(swap).succeeded()) {
                return;
            }
        }
    }

    private Outcome put(String key, String value) {
        return store.commit(Transaction.builder().put(key, bytes(value)).build());
    }

    private Entry existing(String key) {
        @Nullable Entry entry = store.get(key);
        if (entry == null) {
            throw new AssertionError(key + ": no entry");
        }
        return entry;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(Entry entry) {
        return new String(entry.value(), UTF_8);
    }

    /// Notes changes as `+key=value` and `-key`.
    private static final class Recorder implements MetadataStore.WatchListener {
        private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void changed(List<Change> changes) {
            for (Change change : changes) {
                seen.add(
                        switch (change) {
                            case Change.Written w -> "+" + w.entry().key() + "=" + text(w.entry());
                            case Change.Deleted d -> "-" + d.key();
                        });
            }
        }

        @Override
        public void resync(Listing listing) {
            seen.add("resync");
        }

        List<String> seen() {
            synchronized (seen) {
                return List.copyOf(seen);
            }
        }
    }
}
