package io.mimicore.controlplane.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.controlplane.InMemoryArtifactStore;
import io.mimicore.controlplane.fleet.NodeRecords;
import io.mimicore.controlplane.fleet.Replica;
import io.mimicore.controlplane.fleet.Statuses;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.Forms;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.snapshot.SnapshotWriter;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.store.CondemnedArtifacts;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GarbageCollectorTest {
    private static final StoreKeys KEYS = new StoreKeys("test");
    private static final Retention RETENTION = new Retention(3, Duration.ofMinutes(10));
    private static final String LEADER = KEYS.leader("control-plane");

    private final InMemoryMetadataStore store = new InMemoryMetadataStore();
    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
    private final Objects objects = new Objects(store, KEYS);
    private final SnapshotReader reader =
            new SnapshotReader(store, KEYS, CachedContent.of(objects));
    private final Fence fence = elect();
    private Set<Long> nodeVersions = Set.of();
    private long nowNanos;
    private final GarbageCollector collector = collector(store);

    @Test
    void versions_beyondTheKeptOnes_goAndTheirContentFollowsAfterTheGrace() {
        for (int edit = 1; edit <= 10; edit++) {
            publish(Forms.desired(Map.of("a", "text " + edit)));
        }
        assertThat(collector.pass().versions()).isEqualTo(7);
        assertThat(reader.version(7)).isNull();
        assertThat(reader.version(8)).isNotNull();
        assertThat(collector.pass().objects()).isZero();

        pass(RETENTION.grace());

        // Of each of three versions: a bucket, an IR, an author's file; only the newest file is
        // still named by a record.
        assertThat(objectCount()).isEqualTo(3 + 3 + 1);
        assertThat(objects.get(Digest.of("ir text 8".getBytes(UTF_8)))).isNotNull();
    }

    @Test
    void version_thatAChannelOrANodeNames_stays() {
        for (int edit = 1; edit <= 10; edit++) {
            publish(Forms.desired(Map.of("a", "text " + edit)));
        }
        LiveSet live = reader.live();
        store.commit(
                Transaction.builder()
                        .put(
                                KEYS.channel(SnapshotReader.CHANNEL),
                                live.channel().toBuilder().setLkg(2).build().toByteArray())
                        .build());
        nodeVersions = Set.of(4L);

        pass(Duration.ZERO);
        pass(RETENTION.grace());

        assertThat(store.keys(KEYS.versions()))
                .extracting(key -> Long.parseLong(key.key().substring(KEYS.versions().length())))
                .containsExactly(2L, 4L, 8L, 9L, 10L);
        assertThat(objects.get(Digest.of("ir text 2".getBytes(UTF_8)))).isNotNull();
        assertThat(objects.get(Digest.of("ir text 3".getBytes(UTF_8)))).isNull();
    }

    @Test
    void channel_writtenDuringThePass_keepsTheVersionsItMayName() {
        for (int edit = 1; edit <= 10; edit++) {
            publish(Forms.desired(Map.of("a", "text " + edit)));
        }
        LiveSet live = reader.live();
        // Right before the versions are removed somebody makes an old one the last good one.
        var meddling =
                new SteppingStore(
                        store,
                        new Runnable() {
                            private int operations;

                            @Override
                            public void run() {
                                if (++operations == 8) {
                                    var named = live.channel().toBuilder().setLkg(2).build();
                                    store.commit(
                                            Transaction.builder()
                                                    .put(
                                                            KEYS.channel(SnapshotReader.CHANNEL),
                                                            named.toByteArray())
                                                    .build());
                                }
                            }
                        });

        assertThat(collector(meddling).pass().versions()).isZero();
        assertThat(reader.version(2)).isNotNull();
    }

    @Test
    void version_thatANodeOfAnotherControlPlaneMayRun_stays() {
        for (int edit = 1; edit <= 10; edit++) {
            publish(Forms.desired(Map.of("a", "text " + edit)));
        }
        join("there");
        record(Statuses.of("n1", NodeState.IN_SYNC, 2), "there");
        record(Statuses.of("n2", NodeState.LAGGING, 4), "gone");
        record(Statuses.of("n3", NodeState.DISCONNECTED, 5), "there");

        pass(Duration.ZERO);

        assertThat(reader.version(2)).isNotNull();
        assertThat(reader.version(4)).isNotNull();
        assertThat(reader.version(5)).isNull();
    }

    @Test
    void node_recordedDuringThePass_keepsTheVersionThatItRuns() {
        for (int edit = 1; edit <= 10; edit++) {
            publish(Forms.desired(Map.of("a", "text " + edit)));
        }
        // Right before the versions are removed a node turns up that runs one of them.
        var meddling =
                new SteppingStore(
                        store,
                        new Runnable() {
                            private int operations;

                            @Override
                            public void run() {
                                if (++operations == 8) {
                                    record(Statuses.of("n1", NodeState.IN_SYNC, 2), "there");
                                }
                            }
                        });

        assertThat(collector(meddling).pass().versions()).isZero();
        assertThat(store.get(KEYS.node("n1"))).isNotNull();
        assertThat(reader.version(2)).isNotNull();
        assertThat(collector.pass().versions()).isEqualTo(6);
    }

    @Test
    void nodes_awayForADay_areForgottenUnlessDrained() {
        join("there");
        record(Statuses.of("here", NodeState.IN_SYNC, 1), "there");
        record(Statuses.of("away", NodeState.DISCONNECTED, 1), "there");
        record(Statuses.of("lost", NodeState.IN_SYNC, 1), "gone");
        record(Statuses.of("back", NodeState.DISCONNECTED, 1), "there");
        record(Statuses.of("drained", NodeState.DISCONNECTED, 1), "there");
        store.commit(Transaction.builder().put(KEYS.drain("drained"), new byte[0]).build());
        store.commit(Transaction.builder().put(KEYS.worker("w1"), new byte[0]).build());
        pass(Duration.ZERO);
        pass(NodeReports.AWAY_MAX.minusSeconds(1));
        // Was connected in between.
        record(Statuses.of("back", NodeState.DISCONNECTED, 1), "there");

        pass(Duration.ofSeconds(1));

        assertThat(store.keys(KEYS.nodes()))
                .extracting(key -> key.key().substring(KEYS.nodes().length()))
                .containsExactly("back", "drained", "here", "worker/w1");
    }

    @Test
    void nodes_awayInCrowds_areForgottenOldestFirst() {
        int surplus = 3;
        for (int i = 0; i < NodeReports.AWAY_NODES_MAX + surplus; i++) {
            record(Statuses.of("n" + i, NodeState.DISCONNECTED, 1), "gone");
        }

        pass(Duration.ZERO);

        assertThat(store.keys(KEYS.nodes())).hasSize(NodeReports.AWAY_NODES_MAX);
        assertThat(store.get(KEYS.node("n2"))).isNull();
        assertThat(store.get(KEYS.node("n3"))).isNotNull();
    }

    private void join(String replica) {
        store.commit(Transaction.builder().put(KEYS.replica(replica), new byte[0]).build());
    }

    private void record(NodeStatus status, String replica) {
        byte[] record =
                NodeRecords.encode(status, new Replica(() -> "name", replica)).toByteArray();
        store.commit(
                Transaction.builder()
                        .put(KEYS.node(status.node()), record)
                        .put(KEYS.versionsReported(), new byte[0])
                        .build());
    }

    @Test
    void content_writtenAgain_staysForAnotherGrace() {
        byte[] orphan = "orphan".getBytes(UTF_8);
        objects.put(orphan);
        pass(Duration.ZERO);
        nowNanos += RETENTION.grace().toNanos() - 1;
        objects.putAll(List.of(orphan));

        pass(Duration.ofNanos(1));
        assertThat(objects.get(Digest.of(orphan))).isNotNull();

        pass(RETENTION.grace());
        assertThat(objects.get(Digest.of(orphan))).isNull();
    }

    @Test
    void content_inMoreChunksThanATransactionHas_goesWhole() {
        byte[] large = new byte[40 * 1024 * 1024];
        new Random(1).nextBytes(large);
        objects.put(large);
        assertThat(objectCount()).isGreaterThan(MetadataStore.OPERATIONS_MAX);
        pass(Duration.ZERO);

        pass(RETENTION.grace());

        assertThat(objectCount()).isZero();
    }

    @Test
    void build_whoseArtifactNoVersionNames_goesBeforeItsArtifact() {
        Digest used = artifact("used");
        Digest unused = artifact("unused");
        done("used", used);
        done("unused", unused);
        publishWith(used);

        pass(Duration.ZERO);
        pass(RETENTION.grace());

        assertThat(state("used")).isNotNull();
        assertThat(state("unused")).isNull();
        assertThat(store.get(KEYS.buildRequest(key("unused")))).isNull();
        pass(RETENTION.grace());
        pass(RETENTION.grace());
        assertThat(artifacts.contains(unused)).isFalse();
        assertThat(artifacts.contains(used)).isTrue();
        assertThat(condemned()).isEmpty();
    }

    @Test
    void artifact_uploadedAndNeverNamed_goesAfterTheGrace() {
        Digest orphan = artifact("orphan");
        pass(Duration.ZERO);
        assertThat(artifacts.contains(orphan)).isTrue();

        assertThat(pass(RETENTION.grace()).artifactBytes()).isEqualTo("orphan".length());
        assertThat(artifacts.contains(orphan)).isFalse();
    }

    @Test
    void artifact_builtAgainWhileItIsCondemned_stays() {
        Digest artifact = artifact("late");
        pass(Duration.ZERO);
        // A worker that had looked before ends its build as soon as the artifact is condemned.
        var meddling =
                new SteppingStore(
                        store,
                        () -> {
                            if (!condemned().isEmpty() && state("late") == null) {
                                done("late", artifact);
                            }
                        });
        var other = collector(meddling);
        other.pass();
        nowNanos += RETENTION.grace().toNanos();

        assertThat(other.pass().artifacts()).isZero();
        assertThat(artifacts.contains(artifact)).isTrue();
        assertThat(condemned()).isEmpty();
    }

    @Test
    void condemnedList_ofALeaderThatDied_isEmptied() {
        Digest artifact = artifact("kept");
        store.commit(
                Transaction.builder()
                        .put(
                                KEYS.condemnedArtifacts(),
                                CondemnedArtifacts.encode(List.of(artifact)))
                        .build());

        pass(Duration.ZERO);

        assertThat(condemned()).isEmpty();
    }

    @Test
    void wrongPrograms_moreThanAreRemembered_leaveTheNewest() {
        int builds = Retention.FAILED_BUILDS_MAX + 50;
        for (int i = 0; i < builds; i++) {
            state("wrong " + i, new BuildState.Failed(List.of(), 1));
        }

        assertThat(pass(Duration.ZERO).builds()).isEqualTo(50);
        assertThat(state("wrong 49")).isNull();
        assertThat(state("wrong 50")).isNotNull();
        assertThat(pass(Retention.FAILED_BUILD_AGE).builds())
                .isEqualTo(Retention.FAILED_BUILDS_MAX);
    }

    @Test
    void build_underWay_staysWithItsSource() {
        Digest source = objects.put("source".getBytes(UTF_8));
        state("running", new BuildState.Running(1, "w", 0));
        store.commit(
                Transaction.builder()
                        .put(
                                KEYS.buildRequest(key("running")),
                                BuildRecords.encode(new QueuedRequest("go", "go1", source)))
                        .put(KEYS.buildOwner(key("running")), new byte[0])
                        .build());

        pass(Duration.ZERO);
        pass(Retention.ABANDONED_BUILD_AGE);
        assertThat(objects.get(source)).isNotNull();
        assertThat(state("running")).isNotNull();

        store.commit(Transaction.builder().delete(KEYS.buildOwner(key("running"))).build());
        pass(Duration.ZERO);
        pass(Retention.ABANDONED_BUILD_AGE);
        assertThat(state("running")).isNull();
    }

    @Test
    void collector_ofALeaderThatWasReplaced_removesNothing() {
        objects.put("orphan".getBytes(UTF_8));
        artifact("orphan");
        pass(Duration.ZERO);
        store.commit(Transaction.builder().delete(LEADER).build());
        elect();

        pass(RETENTION.grace());

        assertThat(objectCount()).isEqualTo(1);
        assertThat(artifacts.list()).hasSize(1);
    }

    @Test
    void bucket_thatCannotBeRead_endsThePassBeforeAnythingIsRemoved() {
        LiveSet live = publish(Forms.desired(Map.of("a", "1")));
        objects.put("orphan".getBytes(UTF_8));
        pass(Duration.ZERO);
        Digest bucket =
                live.tree().bucketDigests().stream()
                        .filter(digest -> store.get(KEYS.object(digest)) != null)
                        .findFirst()
                        .orElseThrow();
        store.commit(Transaction.builder().delete(KEYS.object(bucket)).build());
        var fresh = collector(store);
        assertThatThrownBy(fresh::pass).isInstanceOf(StoreException.class);
        nowNanos += RETENTION.grace().toNanos();

        assertThatThrownBy(fresh::pass).isInstanceOf(StoreException.class);
        assertThat(objects.get(Digest.of("orphan".getBytes(UTF_8)))).isNotNull();
    }

    private Removed pass(Duration later) {
        nowNanos += later.toNanos();
        return collector.pass();
    }

    private LiveSet publish(Desired desired) {
        var writer =
                new SnapshotWriter(
                        store,
                        KEYS,
                        CachedContent.of(objects),
                        ClusterKey.generate(),
                        Clock.systemUTC());
        return java.util.Objects.requireNonNull(writer.write(reader.live(), desired, fence));
    }

    private void publishWith(Digest artifact) {
        Desired plain = Forms.desired(Map.of("a", "1"));
        ApiForm form = plain.forms().firstEntry().getValue();
        var entry = new ApiEntry("a", form.entry().ir(), List.of(artifact));
        var coded = new ApiForm(entry, form.origin(), form.compiler(), 1, form.irBytes(), false);
        publish(new Desired(1, new TreeMap<>(Map.of("a", coded)), plain.content()));
    }

    private Digest artifact(String content) {
        return artifacts.put(content.getBytes(UTF_8)).digest();
    }

    private void done(String name, Digest artifact) {
        state(name, new BuildState.Done(artifact, 1, List.of(), 1, 1));
    }

    private void state(String name, BuildState state) {
        Digest source = Digest.of();
        store.commit(
                Transaction.builder()
                        .put(KEYS.buildState(key(name)), BuildRecords.encode(state))
                        .put(
                                KEYS.buildRequest(key(name)),
                                BuildRecords.encode(new QueuedRequest("go", "go1", source)))
                        .build());
    }

    private MetadataStore.@Nullable Entry state(String name) {
        return store.get(KEYS.buildState(key(name)));
    }

    private static Digest key(String name) {
        return Digest.of(name.getBytes(UTF_8));
    }

    private Set<Digest> condemned() {
        MetadataStore.Entry entry = store.get(KEYS.condemnedArtifacts());
        return entry == null ? Set.of() : CondemnedArtifacts.decode(entry.value());
    }

    private int objectCount() {
        return store.keys(KEYS.objects()).size();
    }

    private Fence elect() {
        long epoch =
                store.commit(Transaction.builder().put(LEADER, "me".getBytes(UTF_8)).build())
                        .revision();
        return new Fence(LEADER, epoch);
    }

    private GarbageCollector collector(MetadataStore seen) {
        InUse inUse =
                new InUse() {
                    @Override
                    public List<Collection<ApiForm>> wanted() {
                        return List.of();
                    }

                    @Override
                    public Set<Long> versions() {
                        return nodeVersions;
                    }
                };
        var content = new SnapshotReader(seen, KEYS, CachedContent.of(new Objects(seen, KEYS)));
        return GarbageCollector.of(
                new GarbageCollector.Stores(seen, KEYS, artifacts, content),
                fence,
                RETENTION,
                new GarbageCollector.Process(
                        inUse, new RetentionMetrics(new SimpleMeterRegistry()), () -> nowNanos));
    }
}
