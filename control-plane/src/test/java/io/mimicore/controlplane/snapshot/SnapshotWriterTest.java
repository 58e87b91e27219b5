package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.controlplane.FaultyStore;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotWriterTest {
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final ClusterKey key = ClusterKey.generate();
    private final InMemoryMetadataStore memory = new InMemoryMetadataStore();
    private final FaultyStore store = new FaultyStore(memory);
    private Fence fence = new Fence("", 0);

    @BeforeEach
    void lead() {
        fence = elect();
    }

    @Test
    void wish_written_isReadBackAsItIs() {
        LiveSet live = write(Map.of("a", "1", "b", "2"));

        assertThat(live.version()).isEqualTo(1);
        LiveSet read = reader().live();
        assertThat(read.snapshot()).isEqualTo(live.snapshot());
        assertThat(read.tree().root()).isEqualTo(live.tree().root());
        assertThat(read.sources()).isEqualTo(live.sources());
        assertThat(read.channelRevision()).isEqualTo(live.channelRevision());
        assertThat(api(read, "a").version()).isEqualTo(1);
    }

    /// A node does not go back, so a store that was lost must not begin at 1 below it.
    @Test
    void write_storeBehindTheNodes_goesOnAboveThem() {
        SnapshotWriter writer = writer();
        writer.numberAbove(41);
        LiveSet first =
                requireNonNull(
                        writer.write(reader().live(), Forms.desired(Map.of("a", "1")), fence));
        assertThat(first.version()).isEqualTo(42);
        assertThat(writer.write(first, Forms.desired(Map.of("a", "1")), fence)).isSameAs(first);

        // Restored from an older copy: what is live is published anew, although nothing differs.
        writer.numberAbove(50);
        LiveSet second =
                requireNonNull(writer.write(first, Forms.desired(Map.of("a", "1")), fence));
        assertThat(second.version()).isEqualTo(51);
        assertThat(reader().live().version()).isEqualTo(51);
    }

    @Test
    void version_written_isSignedAndDeclaresItsSizes() {
        Snapshot snapshot = snapshotOf(write(Map.of("a", "1", "b", "22")));

        byte[] signed = SnapshotSignature.signedForm(1, snapshot.root());
        assertThat(key.trusted().verifies(signed, snapshot.signature())).isTrue();
        assertThat(snapshot.size()).isEqualTo(new Snapshot.Size(2, 2, 9));
    }

    @Test
    void wish_withoutChange_writesNothing() {
        LiveSet live = write(Map.of("a", "1"));
        store.takeCommitted();

        assertThat(writer().write(live, Forms.desired(Map.of("a", "1")), fence)).isSameAs(live);
        assertThat(store.takeCommitted()).isEmpty();
    }

    @Test
    void source_changedWithoutItsIr_writesItsRecordAndNoVersion() {
        LiveSet live = write(Map.of("a", "1"));
        ApiForm form = api(live, "a").form();
        ApiForm moved =
                new ApiForm(
                        form.entry(),
                        new ApiForm.Origin(
                                form.origin().owner(), "/configs/b.json", Digest.of(), null),
                        form.compiler(),
                        form.routes(),
                        form.irBytes(),
                        form.warned());
        Desired next = new Desired(2, new TreeMap<>(Map.of("a", moved)), Map.of());

        LiveSet now = writer().write(live, next, fence);

        assertThat(now).isNotNull();
        assertThat(reader().live().version()).isEqualTo(1);
        assertThat(reader().live().sources().get("a")).isEqualTo(new PublishedApi(moved, 1));
    }

    @Test
    void versions_ofOneApi_countOnlyItsOwnChanges() {
        write(Map.of("a", "1", "b", "1"));
        write(Map.of("a", "1", "b", "2"));
        LiveSet live = write(Map.of("a", "1", "b", "3"));

        assertThat(live.version()).isEqualTo(3);
        assertThat(api(live, "a").version()).isEqualTo(1);
        assertThat(api(live, "b").version()).isEqualTo(3);
    }

    @Test
    void edit_ofOneOfAThousandApis_writesOneIrOneBucketOneRoot() {
        Map<String, String> texts = many(1_000, "1");
        write(texts);
        store.takeCommitted();
        texts.put("api7", "2");

        write(texts);

        List<Transaction> committed = store.takeCommitted();
        List<String> keys =
                committed.stream()
                        .flatMap(transaction -> transaction.then().stream())
                        .map(Transaction.Operation::key)
                        .toList();
        Map<String, Long> kinds =
                keys.stream()
                        .map(SnapshotWriterTest::kindOf)
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        // Its IR, the author's bytes and one bucket; the version, the pointer, the record.
        assertThat(kinds).isEqualTo(Map.of("obj", 3L, "ver", 1L, "chan", 1L, "src", 1L));
        assertThat(committed).hasSize(2);
    }

    @Test
    void leader_thatWasReplaced_writesNothingThatCounts() {
        LiveSet live = write(many(300, "1"));
        Fence old = fence;
        lead();
        LiveSet newer = write(many(300, "2"));

        assertThat(writer().write(live, Forms.desired(many(300, "3")), old)).isNull();

        LiveSet read = reader().live();
        assertThat(read.snapshot()).isEqualTo(newer.snapshot());
        assertThat(read.sources()).isEqualTo(newer.sources());
    }

    @Test
    void channel_writtenBySomebodyElse_refusesTheVersion() {
        LiveSet live = write(Map.of("a", "1"));
        String channel = KEYS.channel(SnapshotReader.CHANNEL);
        byte[] record = live.channel().toBuilder().setFrozen(true).build().toByteArray();
        memory.commit(Transaction.builder().put(channel, record).build());

        assertThat(writer().write(live, Forms.desired(Map.of("a", "2")), fence)).isNull();

        LiveSet read = reader().live();
        assertThat(read.version()).isEqualTo(1);
        LiveSet now = writer().write(read, Forms.desired(Map.of("a", "2")), fence);
        assertThat(now).isNotNull();
        assertThat(reader().live().channel().getFrozen()).isTrue();
    }

    /// Crashes at every commit in turn, with and without that commit having taken effect. Whatever
    /// is left must be whole, must hold what was acknowledged, and must let the next leader go on.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void crash_atAnyCommit_losesNothingAcknowledged(boolean takesEffect) {
        Map<String, String> before = many(300, "1");
        Map<String, String> after = many(290, "2");
        boolean finished = false;
        for (int commits = 0; !finished; commits++) {
            SnapshotWriterTest run = new SnapshotWriterTest();
            run.lead();
            LiveSet acknowledged = run.write(before);
            run.store.failAfter(commits, takesEffect);
            try {
                run.writer().write(acknowledged, Forms.desired(after), run.fence);
                finished = true;
            } catch (StoreException e) {
                assertThat(commits).isLessThan(50);
            }
            run.store.down(false);
            run.assertGoesOn(acknowledged, after, commits);
        }
    }

    private void assertGoesOn(LiveSet acknowledged, Map<String, String> after, int commits) {
        lead();
        LiveSet found = reader().live();
        List<ApiEntry> entries = reader().entries(snapshotOf(found));
        assertThat(SnapshotTree.of(entries).root())
                .as("crash at commit %s", commits)
                .isEqualTo(snapshotOf(found).root());
        entries.forEach(entry -> assertThat(reader().ir(entry.ir())).isNotEmpty());
        boolean published = found.version() == 2;
        if (!published) {
            assertThat(found.snapshot()).isEqualTo(acknowledged.snapshot());
        }
        // The author's file of whatever is live is never older than what is live.
        Desired wish = Forms.desired(after);
        found.sources()
                .forEach((api, source) -> {
                    reader().ir(source.form().origin().source());
                    if (published) {
                        assertThat(source.form()).isEqualTo(wish.forms().get(api));
                    }
                });
        LiveSet now = writer().write(found, wish, fence);
        assertThat(now).isNotNull();
        LiveSet last = reader().live();
        assertThat(last.version()).isEqualTo(2);
        assertThat(last.tree().root())
                .isEqualTo(
                        SnapshotTree.of(wish.forms().values().stream().map(ApiForm::entry).toList())
                                .root());
        assertThat(last.sources()).hasSize(after.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void diff_applied_givesTheTarget(long seed) {
        Random random = new Random(seed);
        Map<String, String> texts = new TreeMap<>();
        List<Snapshot> history = new ArrayList<>();
        for (int step = 0; step < 30; step++) {
            int edits = random.nextInt(5);
            for (int edit = 0; edit <= edits; edit++) {
                String api = "api" + random.nextInt(60);
                if (random.nextInt(3) == 0) {
                    texts.remove(api);
                } else {
                    texts.put(api, "v" + random.nextInt(10));
                }
            }
            history.add(snapshotOf(write(texts)));
        }
        for (int i = 0; i < 200; i++) {
            Snapshot from = history.get(random.nextInt(history.size()));
            Snapshot to = history.get(random.nextInt(history.size()));

            Map<String, ApiEntry> applied = new TreeMap<>();
            reader().entries(from).forEach(entry -> applied.put(entry.api(), entry));
            SnapshotDiff diff = reader().diff(from, to);
            diff.removed().forEach(api -> assertThat(applied.remove(api)).isNotNull());
            diff.put()
                    .forEach(entry ->
                            assertThat(applied.put(entry.api(), entry)).isNotEqualTo(entry));

            assertThat(SnapshotTree.of(applied.values()).root()).isEqualTo(to.root());
            assertThat(diff.isEmpty()).isEqualTo(from.root().equals(to.root()));
        }
    }

    @Test
    void record_thatIsDamaged_isAStoreProblem() {
        write(Map.of("a", "1"));
        byte[] rubbish = {1, 2, 3};
        memory.commit(Transaction.builder().put(KEYS.version(1), rubbish).build());

        assertThatThrownBy(() -> reader().live()).isInstanceOf(StoreException.class);
    }

    private Fence elect() {
        String leader = KEYS.leader("control-plane");
        memory.commit(Transaction.builder().delete(leader).build());
        MetadataStore.Outcome outcome =
                memory.commit(Transaction.builder().put(leader, new byte[0]).build());
        return new Fence(leader, outcome.revision());
    }

    private LiveSet write(Map<String, String> texts) {
        LiveSet now = writer().write(reader().live(), Forms.desired(texts), fence);
        assertThat(now).isNotNull();
        return java.util.Objects.requireNonNull(now, "now");
    }

    private SnapshotWriter writer() {
        return new SnapshotWriter(store, KEYS, content(), key, () -> Instant.EPOCH);
    }

    private SnapshotReader reader() {
        return new SnapshotReader(store, KEYS, content());
    }

    /// Always a new one: a restarted process remembers nothing.
    private ContentStore content() {
        return CachedContent.of(new Objects(store, KEYS), 1_000);
    }

    /// `obj` of `/mimicore/test/obj/…`.
    private static String kindOf(String key) {
        String rest = key.substring("/mimicore/test/".length());
        return rest.substring(0, rest.indexOf('/'));
    }

    private static PublishedApi api(LiveSet live, String name) {
        return java.util.Objects.requireNonNull(live.sources().get(name), name);
    }

    private static Snapshot snapshotOf(LiveSet live) {
        return java.util.Objects.requireNonNull(live.snapshot(), "snapshot");
    }

    private static Map<String, String> many(int count, String text) {
        return IntStream.range(0, count)
                .boxed()
                .collect(
                        Collectors.toMap(
                                i -> "api" + i, i -> text + " of " + i, (a, _) -> a, TreeMap::new));
    }
}
