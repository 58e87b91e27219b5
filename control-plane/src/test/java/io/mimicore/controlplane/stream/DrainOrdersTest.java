package io.mimicore.controlplane.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.FakeNode;
import io.mimicore.controlplane.stream.FleetLink.DrainOrder;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Report;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What nodes are told of drains.
class DrainOrdersTest {
    private final StreamServer.Orders orders = new StreamServer.Orders();
    private StreamServer server;

    @BeforeEach
    void start() throws IOException {
        server = new StreamServer(orders);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void order_forAConnectedNode_isToldAndConfirmed() {
        FakeNode node = server.connect("n1");
        awaitDrain("n1", DrainState.NONE);

        order("n1", DrainOrder.DRAIN);

        awaitDrain("n1", DrainState.DRAINING);
        assertThat(node.isDraining()).isTrue();
        report(node, 3);
        report(node, 0);
        awaitDrain("n1", DrainState.DRAINED);
        report(node, 1);
        awaitDrain("n1", DrainState.DRAINING);
        order("n1", DrainOrder.TAKE);
        awaitDrain("n1", DrainState.NONE);
        assertThat(node.isDraining()).isFalse();
    }

    @Test
    void order_thatIsOlderThanTheStream_isToldAtItsBeginning() {
        orders.order("n1", DrainOrder.DRAIN);
        FakeNode node = server.connect("n1");

        awaitDrain("n1", DrainState.DRAINING);
        int told = node.received().size();
        server.connectAgain(node);

        // It says itself that it drains, so it is not told again.
        report(node, 9);
        server.awaitStatus(
                "n1",
                status -> {
                    assertThat(status.report()).isNotNull();
                    assertThat(status.report().requests()).isEqualTo(9);
                });
        order("n1", DrainOrder.DRAIN);
        order("n1", DrainOrder.TAKE);
        awaitDrain("n1", DrainState.NONE);
        assertThat(node.received()).hasSize(told + 1);
    }

    @Test
    void order_undoneWhileTheNodeWasAway_isUndoneWhenItComesBack() {
        orders.order("n1", DrainOrder.DRAIN);
        FakeNode node = server.connect("n1");
        awaitDrain("n1", DrainState.DRAINING);
        node.close();
        server.awaitStatus(
                "n1", status -> assertThat(status.state()).isEqualTo(NodeState.DISCONNECTED));

        orders.order("n1", DrainOrder.TAKE);
        server.connectAgain(node);

        awaitDrain("n1", DrainState.NONE);
        assertThat(node.isDraining()).isFalse();
    }

    @Test
    void drains_notKnownYet_leaveANodeAsItIs() {
        orders.order("n1", DrainOrder.DRAIN);
        FakeNode node = server.connect("n1");
        awaitDrain("n1", DrainState.DRAINING);

        orders.order("n1", DrainOrder.UNKNOWN);
        server.connectAgain(node);
        server.streams().drainsChanged();
        report(node, 7);

        server.awaitStatus(
                "n1",
                status -> {
                    assertThat(status.report()).isNotNull();
                    assertThat(status.drain()).isEqualTo(DrainState.DRAINING);
                });
        assertThat(node.isDraining()).isTrue();
    }

    private void order(String node, DrainOrder order) {
        orders.order(node, order);
        server.streams().drainChanged(node);
    }

    private void awaitDrain(String node, DrainState drain) {
        server.awaitStatus(node, status -> assertThat(status.drain()).isEqualTo(drain));
    }

    private static void report(FakeNode node, int requests) {
        node.say(
                NodeMessage.newBuilder()
                        .setReport(Report.newBuilder().setRequests(requests))
                        .build());
    }
}
