package io.mimicore.controlplane.fleet;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.stream.DrainState;
import io.mimicore.controlplane.stream.FleetLink.DrainOrder;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What control planes on one store know of each other's nodes; the same over every store.
public abstract class FleetScenarios {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /// The store as a process of its own sees it.
    protected abstract MetadataStore process();

    /// Ends a control plane so that its leases end.
    protected abstract void end(AutoCloseable member, MetadataStore process) throws Exception;

    @Test
    void node_ofOneControlPlane_isKnownToAll() {
        try (FleetMember a = new FleetMember("a:7071", process());
                FleetMember b = new FleetMember("b:7071", process())) {
            a.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            b.join(Statuses.rejecting("n2", 9, 50));

            await(
                    b,
                    "n1",
                    node -> {
                        assertThat(node.controlPlane()).isEqualTo("a:7071");
                        assertThat(node.lost()).isFalse();
                        assertThat(node.status())
                                .isEqualTo(Statuses.of("n1", NodeState.IN_SYNC, 9));
                    });
            await(
                    a,
                    "n2",
                    node -> {
                        assertThat(node.controlPlane()).isEqualTo("b:7071");
                        assertThat(node.status().state()).isEqualTo(NodeState.REJECTED);
                        assertThat(node.status().poison()).isEqualTo(9);
                        assertThat(node.status().rejection()).isNotNull();
                        assertThat(node.status().rejection().problems())
                                .hasSize(NodeRecords.PROBLEMS_MAX);
                        assertThat(node.status().report()).isNull();
                    });
            // Its own nodes it knows better than the store does.
            assertThat(known(b, "n2").status().report()).isNotNull();
            assertThat(a.fleet().versionsInUse()).contains(1L, 9L);
            eventually(PATIENCE, () -> assertThat(a.fleet().controlPlanes()).isEqualTo(2));
        }
    }

    @Test
    void node_thatMovesOn_isNotHiddenByTheEndOfItsOldStream() {
        try (FleetMember a = new FleetMember("a:7071", process());
                FleetMember b = new FleetMember("b:7071", process())) {
            a.join(Statuses.of("n1", NodeState.IN_SYNC, 8));
            await(b, "n1", node -> assertThat(node.controlPlane()).isEqualTo("a:7071"));

            b.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            await(a, "n1", node -> assertThat(node.controlPlane()).isEqualTo("a:7071"));
            a.leave("n1", 8);
            a.join(Statuses.of("other", NodeState.IN_SYNC, 8));

            // What was written before this has been written, or refused.
            await(b, "other", node -> assertThat(node.status().version()).isEqualTo(8));
            await(
                    a,
                    "n1",
                    node -> {
                        assertThat(node.controlPlane()).isEqualTo("b:7071");
                        assertThat(node.status().version()).isEqualTo(9);
                    });
        }
    }

    @Test
    void node_thatIsConnected_isNotLeftShownAsDisconnectedBySomebodyElse() {
        try (FleetMember a = new FleetMember("a:7071", process());
                FleetMember b = new FleetMember("b:7071", process())) {
            // Otherwise each would take what the other writes for a dead one's.
            for (FleetMember member : List.of(a, b)) {
                eventually(PATIENCE, () -> assertThat(member.fleet().controlPlanes()).isEqualTo(2));
            }
            b.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            await(a, "n1", node -> assertThat(node.controlPlane()).isEqualTo("b:7071"));

            // The order was lost: what a says of an older stream comes last.
            a.join(Statuses.of("n1", NodeState.LAGGING, 8));
            await(b, "n1", node -> assertThat(node.status().version()).isEqualTo(9));
            eventually(
                    PATIENCE,
                    () -> assertThat(recordedAt(b, "n1").getReplica()).isEqualTo("a:7071"));
            a.leave("n1", 8);

            eventually(
                    PATIENCE,
                    () -> assertThat(recordedAt(a, "n1").getReplica()).isEqualTo("b:7071"));
            await(a, "n1", node -> assertThat(node.status().version()).isEqualTo(9));
        }
    }

    @Test
    void controlPlane_thatIsGone_leavesItsNodesLostUntilAnotherHasThem() throws Exception {
        MetadataStore process = process();
        FleetMember a = new FleetMember("a:7071", process);
        try (FleetMember b = new FleetMember("b:7071", process())) {
            a.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            a.join(Statuses.of("n2", NodeState.IN_SYNC, 9));
            await(b, "n1", node -> assertThat(node.lost()).isFalse());
            await(b, "n2", node -> assertThat(node.lost()).isFalse());

            end(a, process);

            await(
                    b,
                    "n1",
                    node -> {
                        assertThat(node.lost()).isTrue();
                        assertThat(node.controlPlane()).isEqualTo("a:7071");
                    });
            b.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            await(
                    b,
                    "n1",
                    node -> {
                        assertThat(node.lost()).isFalse();
                        assertThat(node.controlPlane()).isEqualTo("b:7071");
                    });
            assertThat(known(b, "n2").lost()).isTrue();
        }
    }

    @Test
    void drain_orderedAnywhere_isKnownEverywhereUntilItIsUndone() {
        try (FleetMember a = new FleetMember("a:7071", process());
                FleetMember b = new FleetMember("b:7071", process())) {
            b.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            await(a, "n1", node -> assertThat(node.drainOrdered()).isFalse());
            eventually(
                    PATIENCE, () -> assertThat(b.fleet().drainOf("n1")).isEqualTo(DrainOrder.TAKE));
            b.takeDrains();

            a.fleet().drain("n1", true);
            a.fleet().drain("n1", true);

            eventually(
                    PATIENCE,
                    () -> assertThat(b.fleet().drainOf("n1")).isEqualTo(DrainOrder.DRAIN));
            eventually(PATIENCE, () -> assertThat(b.takeDrains()).isEqualTo("n1 "));
            b.change(Statuses.of("n1", NodeState.IN_SYNC, 9, DrainState.DRAINED));
            await(
                    a,
                    "n1",
                    node -> {
                        assertThat(node.drainOrdered()).isTrue();
                        assertThat(node.status().drain()).isEqualTo(DrainState.DRAINED);
                    });

            b.fleet().drain("n1", false);
            b.fleet().drain("n1", false);
            eventually(
                    PATIENCE, () -> assertThat(a.fleet().drainOf("n1")).isEqualTo(DrainOrder.TAKE));
        }
    }

    @Test
    void generation_risesWithChangesOnly() {
        try (FleetMember a = new FleetMember("a:7071", process())) {
            a.join(Statuses.of("n1", NodeState.IN_SYNC, 9));
            eventually(PATIENCE, () -> assertThat(recordedAt(a, "n1")).isNotNull());
            eventually(PATIENCE, () -> assertThat(a.fleet().controlPlanes()).isEqualTo(1));
            long before = a.fleet().generation();

            a.change(Statuses.of("n1", NodeState.IN_SYNC, 9));
            assertThat(a.fleet().generation()).isEqualTo(before);
            a.change(Statuses.of("n1", NodeState.OFFERED, 9));
            assertThat(a.fleet().generation()).isGreaterThan(before);
        }
    }

    private static NodeRecord recordedAt(FleetMember member, String node) {
        NodeRecord record = member.fleet().recordOf(node);
        assertThat(record).isNotNull();
        return java.util.Objects.requireNonNull(record);
    }

    private static FleetNode known(FleetMember member, String node) {
        return java.util.Objects.requireNonNull(member.fleet().nodes().get(node), node);
    }

    private static void await(FleetMember member, String node, Consumer<FleetNode> check) {
        eventually(
                PATIENCE,
                () -> {
                    Map<String, FleetNode> nodes = member.fleet().nodes();
                    assertThat(nodes).containsKey(node);
                    check.accept(nodes.get(node));
                });
    }
}
