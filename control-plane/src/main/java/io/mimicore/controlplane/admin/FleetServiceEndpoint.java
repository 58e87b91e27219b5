package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.GetNodeRequest;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.ListNodesResponse;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.NodeProblem;
import io.mimicore.proto.admin.v1.NodeWindow;
import io.mimicore.proto.admin.v1.Rejection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Shows the nodes that are or lately were connected to this control plane. Thread-safe; answers
/// from what is known already.
public final class FleetServiceEndpoint extends FleetServiceGrpc.FleetServiceImplBase {
    private static final String PREFIX = "nodes/";

    private final Supplier<Map<String, NodeStatus>> nodes;
    private final LongSupplier target;

    /// @param nodes by name
    /// @param target the version that nodes are to run; 0: none yet
    public FleetServiceEndpoint(Supplier<Map<String, NodeStatus>> nodes, LongSupplier target) {
        this.nodes = requireNonNull(nodes, "nodes");
        this.target = requireNonNull(target, "target");
    }

    @Override
    public void getNode(GetNodeRequest request, StreamObserver<Node> responses) {
        Answers.answer(responses, () -> get(request.getName()));
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> responses) {
        Answers.answer(responses, () -> list(request));
    }

    private Node get(String name) {
        NodeStatus node = nodes.get().get(Answers.idOf("name", name, PREFIX));
        if (node == null) {
            throw AdminErrors.notFound("Node", name);
        }
        return encode(node);
    }

    private ListNodesResponse list(ListNodesRequest request) {
        Pages.Page<NodeStatus> page =
                Pages.of(new TreeMap<>(nodes.get()), request.getPageSize(), request.getPageToken());
        ListNodesResponse.Builder response =
                ListNodesResponse.newBuilder()
                        .setTargetVersion(target.getAsLong())
                        .setNextPageToken(page.nextToken());
        page.items().forEach(node -> response.addNodes(encode(node)));
        return response.build();
    }

    private static Node encode(NodeStatus node) {
        Node.Builder encoded =
                Node.newBuilder()
                        .setName(PREFIX + node.node())
                        .setBootId(node.bootId())
                        .setBuild(node.build())
                        .putAllLabels(node.labels())
                        .setState(Node.State.valueOf(node.state().name()))
                        .setVersion(node.version())
                        .setOfferedVersion(node.offered())
                        .setPoisonVersion(node.poison());
        NodeStatus.Rejection rejection = node.rejection();
        if (rejection != null) {
            Rejection.Builder refused = encoded.getRejectionBuilder();
            refused.setVersion(rejection.version());
            rejection.problems().forEach(problem -> refused.addProblems(encode(problem)));
        }
        NodeStatus.Window window = node.report();
        if (window != null) {
            encoded.setWindow(encode(window));
        }
        return encoded.build();
    }

    private static NodeProblem encode(NodeStatus.Problem problem) {
        return NodeProblem.newBuilder()
                .setApi(problem.api())
                .setCode(problem.code())
                .setMessage(problem.message())
                .build();
    }

    private static NodeWindow encode(NodeStatus.Window window) {
        return NodeWindow.newBuilder()
                .setVersion(window.version())
                .setWindowMillis(window.windowMillis())
                .setRequests(window.requests())
                .setServerErrors(window.serverErrors())
                .setWasmFailures(window.wasmFailures())
                .build();
    }
}
