package io.mimicore.controlplane.fleet;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.FaultyStore;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeRecorderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    // Stands still, so that what passes never lasts; a pause is over with each step.
    private final AtomicLong nowNanos = new AtomicLong();
    private final NodeRecorder recorder =
            new NodeRecorder(store, KEYS, new Replica(() -> "a:7071", "a"), nowNanos::get);

    @BeforeEach
    void start() {
        recorder.start();
    }

    @AfterEach
    void stop() {
        recorder.close();
    }

    @Test
    void nodes_thatTakeAVersionTogether_shareFewTransactions() {
        List<String> names = Statuses.names(1_000);
        names.forEach(node -> {
            recorder.joined(node);
            recorder.changed(Statuses.of(node, NodeState.IN_SYNC, 1));
        });
        awaitWritten();
        store.takeCommitted();

        names.forEach(node -> recorder.changed(Statuses.of(node, NodeState.OFFERED, 1)));
        names.forEach(node -> recorder.changed(Statuses.of(node, NodeState.PREPARED, 1)));
        names.forEach(node -> recorder.changed(Statuses.of(node, NodeState.IN_SYNC, 2)));
        awaitWritten();

        assertThat(record("n0").getVersion()).isEqualTo(2);
        assertThat(record("n999").getVersion()).isEqualTo(2);
        List<Transaction> transactions = store.takeCommitted();
        // 1 000 in batches of 120, the first of which may hold one node; none is written twice.
        assertThat(transactions).hasSizeBetween(9, 12);
        assertThat(transactions)
                .flatExtracting(Transaction::then)
                .hasSize(1_000 + transactions.size());
    }

    @Test
    void state_thatPasses_isWrittenOnlyIfItLasts() {
        recorder.joined("n1");
        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 1));
        awaitWritten();
        recorder.changed(Statuses.of("n1", NodeState.OFFERED, 1));

        recorder.joined("n2");
        recorder.changed(Statuses.of("n2", NodeState.IN_SYNC, 1));
        step(NodeRecorder.PAUSE);
        eventually(PATIENCE, () -> assertThat(store.get(KEYS.node("n2"))).isNotNull());
        assertThat(record("n1").getState()).isEqualTo(NodeRecord.State.IN_SYNC);

        step(NodeRecorder.PASSING);
        recorder.changed(Statuses.of("n2", NodeState.LAGGING, 1));
        eventually(
                PATIENCE,
                () -> assertThat(record("n1").getState()).isEqualTo(NodeRecord.State.OFFERED));
    }

    @Test
    void record_takenOverBySomebodyElse_isNotWrittenAgainByThisStream() {
        recorder.joined("n1");
        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 1));
        awaitWritten();
        NodeRecord others =
                NodeRecords.encode(
                        Statuses.of("n1", NodeState.IN_SYNC, 2), new Replica(() -> "b:7071", "b"));
        store.commit(Transaction.builder().put(KEYS.node("n1"), others.toByteArray()).build());

        recorder.changed(Statuses.of("n1", NodeState.LAGGING, 1));
        recorder.joined("n2");
        recorder.changed(Statuses.of("n2", NodeState.IN_SYNC, 1));
        awaitWritten();
        recorder.changed(Statuses.of("n1", NodeState.DISCONNECTED, 1));
        step(NodeRecorder.PASSING);
        awaitWritten();

        assertThat(record("n1")).isEqualTo(others);
        assertThat(record("n2").getVersion()).isEqualTo(1);
        recorder.joined("n1");
        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 2));
        awaitWritten();
        assertThat(record("n1").getReplica()).isEqualTo("a:7071");
    }

    @Test
    void stream_thatEndsBeforeItWasWritten_writesNothing() {
        store.down(true);
        recorder.joined("n1");
        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 1));
        recorder.changed(Statuses.of("n1", NodeState.DISCONNECTED, 1));
        store.down(false);
        step(NodeRecorder.PASSING);
        awaitWritten();

        assertThat(store.get(KEYS.node("n1"))).isNull();
    }

    @Test
    void store_downForAWhile_getsTheLastStateOnce() {
        store.down(true);
        recorder.joined("n1");
        for (int version = 1; version <= 50; version++) {
            recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, version));
        }
        assertThat(recorder.waiting()).isEqualTo(1);
        store.down(false);
        awaitWritten();

        assertThat(record("n1").getVersion()).isEqualTo(50);
        assertThat(store.takeCommitted()).hasSize(1);
    }

    @Test
    void records_ofAnyProblems_fitTransactions() {
        List<String> names = Statuses.names(400);
        names.forEach(node -> {
            recorder.joined(node);
            recorder.changed(Statuses.rejecting(node, 2, 100));
        });
        awaitWritten();

        assertThat(record("n399").getRejection().getProblemsCount())
                .isEqualTo(NodeRecords.PROBLEMS_MAX);
    }

    @Test
    void marker_isWrittenWithEveryRecordThatNamesAnotherVersion() {
        recorder.joined("n1");
        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 1));
        awaitWritten();
        long named = markerRevision();
        recorder.changed(Statuses.of("n1", NodeState.LAGGING, 1));
        awaitWritten();
        assertThat(markerRevision()).isEqualTo(named);

        recorder.changed(Statuses.of("n1", NodeState.IN_SYNC, 2));
        awaitWritten();
        assertThat(markerRevision()).isGreaterThan(named);
    }

    private long markerRevision() {
        MetadataStore.Entry marker = store.get(KEYS.versionsReported());
        assertThat(marker).isNotNull();
        return java.util.Objects.requireNonNull(marker).modRevision();
    }

    /// Lets pauses pass until nothing is left to write that is due.
    private void awaitWritten() {
        eventually(
                PATIENCE,
                () -> {
                    nowNanos.addAndGet(NodeRecorder.PAUSE.toNanos());
                    assertThat(recorder.isIdle()).isTrue();
                });
    }

    private void step(Duration time) {
        nowNanos.addAndGet(time.toNanos());
    }

    private NodeRecord record(String node) {
        MetadataStore.Entry entry = store.get(KEYS.node(node));
        assertThat(entry).isNotNull();
        return NodeRecords.decode(java.util.Objects.requireNonNull(entry).value());
    }
}
