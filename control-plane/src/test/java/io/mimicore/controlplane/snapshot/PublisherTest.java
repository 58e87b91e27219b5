package io.mimicore.controlplane.snapshot;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.FaultyStore;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");
    private static final String LEADER = KEYS.leader("control-plane");

    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final ContentStore content = CachedContent.of(new Objects(store, KEYS));
    private final SnapshotReader reader = new SnapshotReader(store, KEYS, content);
    private final Told told = new Told();
    private Publisher publisher;

    @BeforeEach
    void start() {
        var outcome = store.commit(Transaction.builder().put(LEADER, new byte[0]).build());
        var writer =
                new SnapshotWriter(
                        store, KEYS, content, ClusterKey.generate(), () -> Instant.EPOCH);
        var fence = new Fence(LEADER, outcome.revision());
        publisher = Publisher.of(writer, reader, fence, System::nanoTime, told);
        publisher.start(reader.live());
    }

    @AfterEach
    void stop() {
        publisher.close();
    }

    @Test
    void wish_isPublishedAndTold() {
        publisher.offer(wish(1, Map.of("a", "1")));

        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(1));
        assertThat(reader.live().version()).isEqualTo(1);
    }

    @Test
    void wishes_inABurst_areFewVersionsAndEndWithTheNewest() {
        for (int i = 1; i <= 200; i++) {
            publisher.offer(wish(i, Map.of("a", Integer.toString(i))));
        }

        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(200));
        assertThat(reader.live().version()).isLessThan(20);
        assertThat(reader.live().sources()).hasSize(1);
        assertThat(reader.live().version()).isEqualTo(told.versions().getLast());
    }

    @Test
    void wish_thatChangesNothing_isToldWithoutAVersion() {
        publisher.offer(wish(1, Map.of("a", "1")));
        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(1));

        publisher.offer(wish(2, Map.of("a", "1")));

        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(2));
        assertThat(reader.live().version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void commit_thatFailed_isPublishedOnceWhetherOrNotItTookEffect(boolean tookEffect) {
        publisher.offer(wish(1, Map.of("a", "1")));
        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(1));
        // The first commit writes the content, the second the version.
        store.failAfter(1, tookEffect);
        publisher.offer(wish(2, Map.of("a", "2")));
        eventually(
                PATIENCE, () -> assertThat(reader.live().version()).isEqualTo(tookEffect ? 2 : 1));
        store.down(false);

        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(2));
        assertThat(reader.live().version()).isEqualTo(2);
    }

    @Test
    void publisher_whoseLeadershipIsOver_publishesNothingMore() {
        publisher.offer(wish(1, Map.of("a", "1")));
        eventually(PATIENCE, () -> assertThat(told.last()).isEqualTo(1));
        store.commit(Transaction.builder().delete(LEADER).build());
        store.commit(Transaction.builder().put(LEADER, new byte[0]).build());

        publisher.offer(wish(2, Map.of("a", "2")));
        eventually(PATIENCE, () -> assertThat(publisher.isStopped()).isTrue());

        assertThat(reader.live().version()).isEqualTo(1);
        assertThat(told.last()).isEqualTo(1);
    }

    private static Desired wish(long sequence, Map<String, String> texts) {
        Desired wish = Forms.desired(texts);
        return new Desired(sequence, new TreeMap<>(wish.forms()), wish.content());
    }

    private static final class Told implements Publisher.Listener {
        private final List<Long> sequences = new ArrayList<>();
        private final List<Long> versions = new ArrayList<>();

        @Override
        public synchronized void published(Desired desired, LiveSet live) {
            sequences.add(desired.sequence());
            versions.add(live.version());
        }

        synchronized long last() {
            return sequences.isEmpty() ? 0 : sequences.getLast();
        }

        synchronized List<Long> versions() {
            return List.copyOf(versions);
        }
    }
}
