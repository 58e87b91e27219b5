package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.fleet.FleetDirectory;
import io.mimicore.controlplane.fleet.FleetNode;
import io.mimicore.proto.admin.v1.DrainNodeRequest;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.GetNodeRequest;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.ListNodesResponse;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.WatchNodesRequest;
import io.mimicore.proto.admin.v1.WatchNodesResponse;

/// Shows the nodes of the cluster and drains them. Thread-safe; only draining blocks.
public final class FleetServiceEndpoint extends FleetServiceGrpc.FleetServiceImplBase {
    private final FleetDirectory fleet;
    private final NodeWatches watches;

    /// @param fleet the cluster's nodes
    public FleetServiceEndpoint(FleetDirectory fleet) {
        this.fleet = requireNonNull(fleet, "fleet");
        this.watches = new NodeWatches(fleet);
    }

    @Override
    public void getNode(GetNodeRequest request, StreamObserver<Node> responses) {
        Answers.answer(responses, () -> NodeMessages.encode(find(request.getName())));
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> responses) {
        Answers.answer(responses, () -> list(request));
    }

    @Override
    public void watchNodes(
            WatchNodesRequest request, StreamObserver<WatchNodesResponse> responses) {
        watches.open((ServerCallStreamObserver<WatchNodesResponse>) responses);
    }

    @Override
    public void drainNode(DrainNodeRequest request, StreamObserver<Node> responses) {
        Answers.answer(responses, () -> drain(request));
    }

    private Node drain(DrainNodeRequest request) {
        FleetNode node = find(request.getName());
        boolean ordered = !request.getUndo();
        fleet.drain(node.status().node(), ordered);
        return NodeMessages.encode(node.drainOrdered(ordered));
    }

    private FleetNode find(String name) {
        FleetNode node = fleet.nodes().get(Answers.idOf("name", name, NodeMessages.PREFIX));
        if (node == null) {
            throw AdminErrors.notFound("Node", name);
        }
        return node;
    }

    private ListNodesResponse list(ListNodesRequest request) {
        Pages.Page<FleetNode> page =
                Pages.of(fleet.nodes(), request.getPageSize(), request.getPageToken());
        ListNodesResponse.Builder response =
                ListNodesResponse.newBuilder()
                        .setTargetVersion(fleet.targetVersion())
                        .setNextPageToken(page.nextToken());
        page.items().forEach(node -> response.addNodes(NodeMessages.encode(node)));
        return response.build();
    }
}
