package io.mimicore.controlplane.store.embedded;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.contract.MetadataStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedMetadataStoreTest extends MetadataStoreContract {
    @TempDir Path directory;

    @Override
    protected MetadataStore open() {
        return EmbeddedMetadataStore.open(directory.resolve("metadata.mv"));
    }

    @Test
    void open_afterClose_hasEverythingAndGoesOnCounting() {
        Path path = directory.resolve("reopened.mv");
        long revision;
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            put(store, "/a", "1");
            revision = put(store, "/b", "2");
        }
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            assertThat(store.list("/").entries()).hasSize(2);
            assertThat(put(store, "/c", "3")).isGreaterThan(revision);
        }
    }

    @Test
    void commit_callerInterruptedAgainAndAgain_writesReadsAndKeepsTheFile() {
        Path path = directory.resolve("interrupted.mv");
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            for (int i = 0; i < 50; i++) {
                Thread.currentThread().interrupt();
                put(store, "/k" + i, "v".repeat(10_000));
                assertThat(store.get("/k" + i)).isNotNull();
                assertThat(store.list("/k").entries()).hasSize(i + 1);
                assertThat(Thread.interrupted()).as("the caller's interrupt is kept").isTrue();
            }
            // The file's lock was held throughout.
            assertThatThrownBy(() -> EmbeddedMetadataStore.open(path))
                    .hasMessageContaining("in use by another Mimicore process");
        }
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            assertThat(store.list("/k").entries()).hasSize(50);
        }
    }

    /// Whatever a bad disk leaves of the file, opening it ends in a store or in a message.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void open_damagedAtRandom_opensOrSaysWhatToDo(long seed) throws IOException {
        Path whole = directory.resolve("whole.mv");
        try (MetadataStore store = EmbeddedMetadataStore.open(whole)) {
            for (int i = 0; i < 30; i++) {
                put(store, "/k" + i, "v".repeat(i * 100));
            }
        }
        byte[] good = Files.readAllBytes(whole);
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            byte[] bad = damaged(good, random);
            Path path = Files.write(directory.resolve("bad" + round + ".mv"), bad);
            String where = "seed " + seed + ", round " + round;
            try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
                assertThat(store.list("/k").entries()).as(where).hasSizeLessThanOrEqualTo(30);
            } catch (StoreException e) {
                assertThat(e).as(where).hasMessageContaining(path.toString());
            }
        }
    }

    private static byte[] damaged(byte[] good, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(good, random.nextInt(good.length));
            case 1 -> {
                byte[] flipped = good.clone();
                for (int i = 0; i < 8; i++) {
                    flipped[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            default -> {
                byte[] holed = good.clone();
                int from = random.nextInt(good.length);
                Arrays.fill(holed, from, Math.min(good.length, from + 4096), (byte) 0);
                yield holed;
            }
        };
    }

    @Test
    void open_copyTakenWhileRunning_hasEveryAcknowledgedWrite() throws IOException {
        // What is in the file at any moment is what a killed process leaves behind.
        Path path = directory.resolve("running.mv");
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            for (int i = 0; i < 40; i++) {
                put(store, "/k" + i, "v");
                Path copy = directory.resolve("copy" + i + ".mv");
                Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
                try (MetadataStore recovered = EmbeddedMetadataStore.open(copy)) {
                    assertThat(recovered.list("/k").entries()).hasSize(i + 1);
                }
            }
        }
    }

    @Test
    void open_tornLastWrite_hasWhatWasAcknowledgedBefore() throws IOException {
        Path path = directory.resolve("torn.mv");
        long acknowledgedBytes;
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            put(store, "/a", "1");
            acknowledgedBytes = Files.size(path);
            put(store, "/b", "2".repeat(20_000));
            Files.copy(path, directory.resolve("whole.mv"));
        }
        byte[] whole = Files.readAllBytes(directory.resolve("whole.mv"));
        assertThat(whole.length).isGreaterThan((int) acknowledgedBytes);
        Path torn = directory.resolve("cut.mv");
        Files.write(torn, Arrays.copyOf(whole, whole.length - 4096));
        try (MetadataStore recovered = EmbeddedMetadataStore.open(torn)) {
            assertThat(recovered.get("/a")).isNotNull();
        }
    }

    @Test
    void open_leasedKeysOfAnEarlierProcess_areGone() throws IOException {
        Path path = directory.resolve("leased.mv");
        Path copy = directory.resolve("killed.mv");
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            MetadataStore.Lease lease = store.lease(Duration.ofSeconds(20));
            store.commit(Transaction.builder().putLeased("/l", bytes("1"), lease).build());
            put(store, "/k", "2");
            Files.copy(path, copy);
        }
        try (MetadataStore store = EmbeddedMetadataStore.open(copy)) {
            assertThat(store.get("/l")).isNull();
            assertThat(store.get("/k")).isNotNull();
        }
    }

    @Test
    void open_secondTime_saysThatTheFileIsInUse() {
        Path path = directory.resolve("shared.mv");
        try (MetadataStore _ = EmbeddedMetadataStore.open(path)) {
            assertThatThrownBy(() -> EmbeddedMetadataStore.open(path))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("in use by another Mimicore process");
        }
    }

    @Test
    void open_garbage_saysThatTheFileIsDamaged() throws IOException {
        Path path = directory.resolve("garbage.mv");
        Files.write(
                path,
                "this is no store at all, but long enough to look at".repeat(400).getBytes(UTF_8));
        assertThatThrownBy(() -> EmbeddedMetadataStore.open(path))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is damaged");
        assertThat(Files.size(path)).isGreaterThan(0);
    }

    @Test
    void watch_olderThanTheHistory_resyncs() {
        Path path = directory.resolve("restarted.mv");
        long early;
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            early = put(store, "/w/a", "1");
            put(store, "/w/b", "2");
        }
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            CountDownLatch resynced = new CountDownLatch(1);
            MetadataStore.WatchListener listener =
                    new MetadataStore.WatchListener() {
                        @Override
                        public void changed(List<MetadataStore.Change> changes) {}

                        @Override
                        public void resync(MetadataStore.Listing listing) {
                            assertThat(listing.entries()).hasSize(2);
                            resynced.countDown();
                        }
                    };
            try (MetadataStore.Watch _ = store.watch("/w/", early, listener)) {
                eventually(
                        Duration.ofSeconds(10),
                        () -> assertThat(resynced.await(1, TimeUnit.MILLISECONDS)).isTrue());
            }
        }
    }

    @Test
    void file_manyRewrites_doesNotGrowWithoutBound() throws IOException {
        Path path = directory.resolve("rewritten.mv");
        try (MetadataStore store = EmbeddedMetadataStore.open(path)) {
            String value = "x".repeat(10_000);
            for (int i = 0; i < 3_000; i++) {
                put(store, "/k" + i % 4, value);
            }
            // 30 MB were written; 40 KB are live.
            assertThat(Files.size(path)).isLessThan(24L * 1024 * 1024);
        }
    }

    private static long put(MetadataStore store, String key, String value) {
        return store.commit(Transaction.builder().put(key, bytes(value)).build()).revision();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
