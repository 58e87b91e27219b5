package io.mimicore.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.fleet.FleetNode;
import io.mimicore.controlplane.fleet.Statuses;
import io.mimicore.controlplane.stream.DrainState;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.proto.admin.v1.DrainNodeRequest;
import io.mimicore.proto.admin.v1.GetNodeRequest;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.ListNodesResponse;
import io.mimicore.proto.admin.v1.Node;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FleetServiceEndpointTest {
    private final FakeFleet fleet = new FakeFleet(9);
    private final FleetServiceEndpoint endpoint = new FleetServiceEndpoint(fleet);

    @ParameterizedTest
    @EnumSource(NodeState.class)
    void node_inAnyState_isShownInIt(NodeState state) {
        fleet.put(node("n1", state));

        assertThat(get("nodes/n1").value().getState().name()).isEqualTo(state.name());
    }

    @Test
    void node_thatRefusedAVersion_isShownWithWhatItSaid() {
        fleet.put(node("n1", NodeState.REJECTED));

        Node node = get("nodes/n1").value();

        assertThat(node.getName()).isEqualTo("nodes/n1");
        assertThat(node.getVersion()).isEqualTo(8);
        assertThat(node.getOfferedVersion()).isEqualTo(9);
        assertThat(node.getPoisonVersion()).isEqualTo(7);
        assertThat(node.getLabelsMap()).containsExactly(Map.entry("zone", "a"));
        assertThat(node.getRejection().getVersion()).isEqualTo(9);
        assertThat(node.getRejection().getProblems(0).getApi()).isEqualTo("shop");
        assertThat(node.getRejection().getProblems(0).getCode()).isEqualTo("ARTIFACT");
        assertThat(node.getWindow().getServerErrors()).isEqualTo(3);
    }

    @Test
    void nodes_onPages_areListedByName() {
        for (int i = 0; i < 5; i++) {
            fleet.put(node("n" + i, NodeState.IN_SYNC));
        }
        Answer<ListNodesResponse> first = new Answer<>();
        endpoint.listNodes(ListNodesRequest.newBuilder().setPageSize(3).build(), first);
        Answer<ListNodesResponse> second = new Answer<>();
        endpoint.listNodes(
                ListNodesRequest.newBuilder()
                        .setPageSize(3)
                        .setPageToken(first.value().getNextPageToken())
                        .build(),
                second);

        assertThat(first.value().getNodesList())
                .extracting(Node::getName)
                .containsExactly("nodes/n0", "nodes/n1", "nodes/n2");
        assertThat(second.value().getNodesList())
                .extracting(Node::getName)
                .containsExactly("nodes/n3", "nodes/n4");
        assertThat(second.value().getNextPageToken()).isEmpty();
        assertThat(second.value().getTargetVersion()).isEqualTo(9);
    }

    @Test
    void node_whoseControlPlaneIsGone_isLost() {
        fleet.put(new FleetNode(node("n1", NodeState.IN_SYNC), "a:7071", true, false));

        Node node = get("nodes/n1").value();

        assertThat(node.getState()).isEqualTo(Node.State.LOST);
        assertThat(node.getControlPlane()).isEqualTo("a:7071");
    }

    @ParameterizedTest
    @CsvSource({
        "IN_SYNC, NONE, false, NOT_DRAINED",
        "IN_SYNC, NONE, true, ORDERED",
        "IN_SYNC, DRAINING, true, DRAINING",
        "IN_SYNC, DRAINED, true, DRAINED",
        "IN_SYNC, DRAINED, false, DRAINING",
        "DISCONNECTED, DRAINED, true, ORDERED",
        "DISCONNECTED, DRAINED, false, NOT_DRAINED",
    })
    void drain_asOrderedAndConfirmed_isShown(
            NodeState state, DrainState confirmed, boolean ordered, Node.Drain shown) {
        fleet.put(new FleetNode(Statuses.of("n1", state, 9, confirmed), "a:7071", false, ordered));

        assertThat(get("nodes/n1").value().getDrain()).isEqualTo(shown);
    }

    @Test
    void drain_andUndo_areOrderedAndAnsweredWithTheNode() {
        fleet.put(node("n1", NodeState.IN_SYNC));

        assertThat(drain("nodes/n1", false).value().getDrain()).isEqualTo(Node.Drain.ORDERED);
        assertThat(isDrained("n1")).isTrue();
        assertThat(drain("nodes/n1", true).value().getDrain()).isEqualTo(Node.Drain.NOT_DRAINED);
        assertThat(isDrained("n1")).isFalse();
        assertThat(drain("nodes/n2", false).code()).isEqualTo(Status.Code.NOT_FOUND);
    }

    private boolean isDrained(String node) {
        FleetNode known = fleet.nodes().get(node);
        return known != null && known.drainOrdered();
    }

    private Answer<Node> drain(String name, boolean undo) {
        Answer<Node> answer = new Answer<>();
        endpoint.drainNode(
                DrainNodeRequest.newBuilder().setName(name).setUndo(undo).build(), answer);
        return answer;
    }

    @Test
    void node_thatIsNotThere_isNotFound() {
        assertThat(get("nodes/n1").code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(get("n1").code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(get("nodes/").code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private Answer<Node> get(String name) {
        Answer<Node> answer = new Answer<>();
        endpoint.getNode(GetNodeRequest.newBuilder().setName(name).build(), answer);
        return answer;
    }

    private static NodeStatus node(String name, NodeState state) {
        var problem = new NodeStatus.Problem("shop", "ARTIFACT", "it is not there");
        return new NodeStatus(
                name,
                "boot",
                "0.1.0",
                Map.of("zone", "a"),
                state,
                8,
                9,
                new NodeStatus.Rejection(9, List.of(problem)),
                7,
                DrainState.NONE,
                new NodeStatus.Window(8, 10_000, 100, 3, 1));
    }

    private static final class Answer<T> implements StreamObserver<T> {
        private @Nullable T value;
        private @Nullable Throwable error;
        private boolean completed;

        T value() {
            assertThat(error).isNull();
            assertThat(completed).isTrue();
            assertThat(value).isNotNull();
            return value;
        }

        Status.Code code() {
            assertThat(completed).isFalse();
            assertThat(error).isInstanceOf(StatusRuntimeException.class);
            return Status.fromThrowable(error).getCode();
        }

        @Override
        public void onNext(T next) {
            assertThat(value).isNull();
            value = next;
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }
    }
}
