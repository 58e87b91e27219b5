package io.mimicore.controlplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.controlplane.FaultyStore;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Objects over a store that keeps the limits of real ones.
class ObjectsTest {
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final Objects objects = new Objects(store, KEYS);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 262_143, 262_144, 262_145, 524_288, 524_289, 3_000_000})
    void content_ofAnySize_comesBackAsItIs(int size) {
        byte[] random = new byte[size];
        new Random(size).nextBytes(random);

        assertThat(objects.get(objects.put(random))).isEqualTo(random);
        byte[] even = new byte[size];
        assertThat(objects.get(objects.put(even))).isEqualTo(even);
    }

    @Test
    void content_thatIsNotThere_isAbsent() {
        assertThat(objects.get(Digest.of(new byte[] {1}))).isNull();
    }

    @Test
    void content_thatIsThereAlready_isNotWrittenAgain() {
        objects.put("text".getBytes(UTF_8));
        store.takeCommitted();

        objects.put("text".getBytes(UTF_8));

        assertThat(store.takeCommitted()).isEmpty();
    }

    @Test
    void contents_thatAreSmall_shareTransactions() {
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            contents.add(("content " + i % 990).getBytes(UTF_8));
        }

        objects.putAll(contents);

        assertThat(store.takeCommitted()).hasSize(9);
        contents.forEach(content -> assertThat(objects.get(Digest.of(content))).isEqualTo(content));
    }

    @Test
    void content_cutShortByACrash_isAbsentAndNotDamaged() {
        byte[] random = new byte[3_000_000];
        new Random(1).nextBytes(random);
        store.failAfter(1, false);
        assertThatThrownBy(() -> objects.put(random)).isInstanceOf(StoreException.class);
        store.down(false);

        assertThat(objects.get(Digest.of(random))).isNull();

        assertThat(objects.get(objects.put(random))).isEqualTo(random);
    }

    @Test
    void content_thatWasAltered_isRefused() {
        Digest one = objects.put("one".getBytes(UTF_8));
        Digest two = objects.put("two".getBytes(UTF_8));
        MetadataStore.Entry other = store.get(KEYS.object(two));
        assertThat(other).isNotNull();
        byte[] value = other == null ? new byte[0] : other.value();
        store.commit(Transaction.builder().put(KEYS.object(one), value).build());
        assertThatThrownBy(() -> objects.get(one)).isInstanceOf(StoreException.class);

        byte[] rubbish = {7, 7, 7};
        store.commit(Transaction.builder().put(KEYS.object(one), rubbish).build());
        assertThatThrownBy(() -> objects.get(one)).isInstanceOf(StoreException.class);
    }

    @Test
    void content_missingAChunk_isRefused() {
        byte[] random = new byte[600_000];
        new Random(1).nextBytes(random);
        Digest digest = objects.put(random);
        store.commit(Transaction.builder().delete(KEYS.objectChunk(digest, 1)).build());

        assertThatThrownBy(() -> objects.get(digest))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("chunk 1");
    }

    @Test
    void cache_keepsWhatWasUsedLast() {
        CachedContent cached = CachedContent.of(objects, 100);
        byte[] first = new byte[60];
        byte[] second = "x".repeat(60).getBytes(UTF_8);
        cached.putAll(java.util.Map.of(Digest.of(first), first));
        cached.putAll(java.util.Map.of(Digest.of(second), second));
        store.down(true);

        assertThat(cached.get(Digest.of(second))).isEqualTo(second);
        assertThatThrownBy(() -> cached.get(Digest.of(first))).isInstanceOf(StoreException.class);

        store.down(false);
        assertThat(cached.get(Digest.of(first))).isEqualTo(first);
    }
}
