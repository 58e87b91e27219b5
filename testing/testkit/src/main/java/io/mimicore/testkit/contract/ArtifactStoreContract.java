package io.mimicore.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [ArtifactStore] keeps to. A subclass opens an empty one.
public abstract class ArtifactStoreContract {
    private static final int WRITERS = 8;
    private static final long PATIENCE_SECONDS = 60;

    /// Clocks of the store and of this machine may differ by this.
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(2);

    private ArtifactStore store;

    /// Opens an empty store.
    protected abstract ArtifactStore open() throws Exception;

    /// Opens once more what [#open] opened last, as another process would.
    protected abstract ArtifactStore reopen() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    @Test
    final void put_newContent_isThereUnderItsDigest() throws IOException {
        byte[] content = "module".getBytes(UTF_8);

        ArtifactStore.Stored stored = store.put(content);

        assertThat(stored).isEqualTo(new ArtifactStore.Stored(Digest.of(content), true));
        assertThat(store.contains(stored.digest())).isTrue();
        assertThat(read(store, stored.digest())).isEqualTo(content);
    }

    @Test
    final void put_sameContentTwice_isStoredOnce() {
        byte[] content = "module".getBytes(UTF_8);
        store.put(content);

        ArtifactStore.Stored again = store.put(content.clone());

        assertThat(again).isEqualTo(new ArtifactStore.Stored(Digest.of(content), false));
        assertThat(store.list()).hasSize(1);
    }

    @Test
    final void put_emptyContent_isThere() throws IOException {
        ArtifactStore.Stored stored = store.put(new byte[0]);

        assertThat(read(store, stored.digest())).isEmpty();
    }

    @Test
    final void put_largeContent_isThereWhole() throws IOException {
        byte[] content = new byte[20 * 1024 * 1024 + 7];
        new SplittableRandom(1).nextBytes(content);

        ArtifactStore.Stored stored = store.put(content);

        assertThat(Digest.of(read(store, stored.digest()))).isEqualTo(stored.digest());
    }

    @Test
    final void put_sameContentByManyAtOnce_isThereWhole() throws Exception {
        byte[] content = new byte[1024 * 1024];
        new SplittableRandom(2).nextBytes(content);
        var together = new CyclicBarrier(WRITERS);
        List<Callable<ArtifactStore.Stored>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(() -> {
                together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return store.put(content);
            });
        }

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<ArtifactStore.Stored> writer : threads.invokeAll(writers)) {
                assertThat(writer.get().digest()).isEqualTo(Digest.of(content));
            }
        }

        assertThat(read(store, Digest.of(content))).isEqualTo(content);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    final void put_afterReopening_isStillThere() throws Exception {
        ArtifactStore.Stored stored = store.put("module".getBytes(UTF_8));

        ArtifactStore other = reopen();

        assertThat(read(other, stored.digest())).isEqualTo("module".getBytes(UTF_8));
        assertThat(other.put("module".getBytes(UTF_8)).created()).isFalse();
    }

    @Test
    final void open_absentContent_isNull() {
        Digest absent = Digest.of("absent".getBytes(UTF_8));

        assertThat(store.open(absent)).isNull();
        assertThat(store.contains(absent)).isFalse();
    }

    @Test
    final void delete_presentAndAbsentContent_isGone() {
        ArtifactStore.Stored stored = store.put("module".getBytes(UTF_8));

        store.delete(stored.digest());
        store.delete(stored.digest());

        assertThat(store.contains(stored.digest())).isFalse();
        assertThat(store.open(stored.digest())).isNull();
        assertThat(store.list()).isEmpty();
    }

    @Test
    final void delete_thenPut_isThereAgain() throws IOException {
        ArtifactStore.Stored stored = store.put("module".getBytes(UTF_8));
        store.delete(stored.digest());

        assertThat(store.put("module".getBytes(UTF_8)).created()).isTrue();
        assertThat(read(store, stored.digest())).isEqualTo("module".getBytes(UTF_8));
    }

    @Test
    final void list_severalContents_tellsDigestSizeAndTime() {
        Instant before = now();
        Digest one = store.put(new byte[] {1}).digest();
        Digest two = store.put(new byte[] {2, 2}).digest();
        Instant after = now();

        List<ArtifactStore.Listed> listed = store.list();

        assertThat(listed)
                .extracting(ArtifactStore.Listed::digest, ArtifactStore.Listed::bytes)
                .containsExactlyInAnyOrder(tuple(one, 1L), tuple(two, 2L));
        assertThat(listed)
                .allSatisfy(item ->
                        assertThat(item.modified())
                                .isBetween(
                                        before.minus(CLOCK_TOLERANCE),
                                        after.plus(CLOCK_TOLERANCE)));
    }

    @Test
    final void presign_presentContent_isNoneOrServesIt() throws Exception {
        byte[] content = "module".getBytes(UTF_8);
        Digest digest = store.put(content).digest();

        URI url = store.presign(digest, Duration.ofMinutes(1));

        if (url != null) {
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<byte[]> response =
                        client.send(
                                HttpRequest.newBuilder(url).build(),
                                HttpResponse.BodyHandlers.ofByteArray());
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo(content);
            }
        }
    }

    private static byte[] read(ArtifactStore store, Digest digest) throws IOException {
        try (InputStream content = store.open(digest)) {
            assertThat(content).as("content of " + digest).isNotNull();
            return content.readAllBytes();
        }
    }

    private static Instant now() {
        return Clock.systemUTC().instant();
    }
}
