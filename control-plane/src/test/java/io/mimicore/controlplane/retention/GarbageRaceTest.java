package io.mimicore.controlplane.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.controlplane.InMemoryArtifactStore;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.Forms;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.PublishedApi;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.snapshot.SnapshotWriter;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Publishing and removing at the same time, in thousands of interleavings of their store
/// operations, with a clock that jumps past the grace at any point. Authors go back to texts they
/// had before, so that old content is used again all the time.
class GarbageRaceTest {
    private static final StoreKeys KEYS = new StoreKeys("test");
    private static final Retention RETENTION = new Retention(2, Duration.ofSeconds(10));
    private static final int EDITS = 25;
    private static final int PASSES = 25;

    private final InMemoryMetadataStore memory = new InMemoryMetadataStore();
    private volatile Collection<ApiForm> wanted = List.of();
    private final AtomicLong nowNanos = new AtomicLong();
    private volatile boolean publishing = true;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 80);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void publishing_whileGarbageIsRemoved_findsAllItsContentThere(long seed) throws Exception {
        var baton = new Baton(seed);
        MetadataStore store = new SteppingStore(memory, baton::step);
        Fence fence = elect();
        GarbageCollector collector = collector(store, fence);
        Callable<Void> publisher =
                () -> {
                    try {
                        return publish(store, fence, new Random(seed));
                    } finally {
                        publishing = false;
                    }
                };
        Callable<Void> cleaner = () -> clean(collector, new Random(~seed));

        baton.run(List.of(publisher, cleaner));

        requireWhole("seed " + seed);
        settle(collector);
        requireWhole("seed " + seed + ", settled");
        assertThat(memory.list(KEYS.versions()).entries()).hasSizeLessThanOrEqualTo(2);
        // Two versions of at most three APIs: buckets, IR, authors' files.
        assertThat(memory.list(KEYS.objects()).entries()).hasSizeLessThanOrEqualTo(2 * 3 * 3);
    }

    private Void publish(MetadataStore store, Fence fence, Random random) {
        var content = CachedContent.of(new Objects(store, KEYS));
        var reader = new SnapshotReader(store, KEYS, content);
        var writer =
                new SnapshotWriter(store, KEYS, content, ClusterKey.generate(), Clock.systemUTC());
        LiveSet live = reader.live();
        Map<String, String> texts = new TreeMap<>();
        for (int edit = 0; edit < EDITS; edit++) {
            String api = "api" + random.nextInt(3);
            if (random.nextInt(4) == 0) {
                texts.remove(api);
            } else {
                texts.put(api, "text " + random.nextInt(3));
            }
            Desired desired = Forms.desired(texts);
            wanted = desired.forms().values();
            live = java.util.Objects.requireNonNull(writer.write(live, desired, fence));
            requireWhole("edit " + edit);
        }
        return null;
    }

    private Void clean(GarbageCollector collector, Random random) {
        for (int pass = 0; pass < PASSES || publishing; pass++) {
            nowNanos.addAndGet(RETENTION.grace().toNanos() * random.nextInt(3) / 2);
            collector.pass();
        }
        return null;
    }

    private void settle(GarbageCollector collector) {
        for (int pass = 0; pass < 4; pass++) {
            nowNanos.addAndGet(RETENTION.grace().toNanos());
            collector.pass();
        }
    }

    /// Everything that is referred to can be read, from the store alone.
    private void requireWhole(String when) {
        var objects = new Objects(memory, KEYS);
        var reader = new SnapshotReader(memory, KEYS, CachedContent.of(objects));
        List<Digest> needed = new ArrayList<>();
        for (PublishedApi api : reader.sources().values()) {
            needed.add(api.form().entry().ir());
            needed.add(api.form().origin().source());
        }
        for (MetadataStore.Entry entry : memory.list(KEYS.versions()).entries()) {
            for (Digest bucket : Snapshot.decode(entry.value()).buckets()) {
                if (!bucket.equals(SnapshotTree.EMPTY_BUCKET)) {
                    assertThat(objects.get(bucket)).as(when + ": bucket").isNotNull();
                    reader.bucket(bucket).forEach(api -> needed.add(api.ir()));
                }
            }
        }
        for (Digest digest : needed) {
            assertThat(objects.get(digest)).as(when + ": object " + digest).isNotNull();
        }
        reader.live();
    }

    private Fence elect() {
        String key = KEYS.leader("control-plane");
        var lease = memory.lease(Duration.ofHours(1));
        long epoch =
                memory.commit(
                                Transaction.builder()
                                        .putLeased(key, "me".getBytes(UTF_8), lease)
                                        .build())
                        .revision();
        return new Fence(key, epoch);
    }

    private GarbageCollector collector(MetadataStore store, Fence fence) {
        var reader = new SnapshotReader(store, KEYS, CachedContent.of(new Objects(store, KEYS)));
        InUse inUse =
                new InUse() {
                    @Override
                    public List<Collection<ApiForm>> wanted() {
                        return List.of(wanted);
                    }

                    @Override
                    public Set<Long> versions() {
                        return Set.of();
                    }
                };
        return GarbageCollector.of(
                new GarbageCollector.Stores(store, KEYS, new InMemoryArtifactStore(), reader),
                fence,
                RETENTION,
                new GarbageCollector.Process(
                        inUse, new RetentionMetrics(new SimpleMeterRegistry()), nowNanos::get));
    }
}
