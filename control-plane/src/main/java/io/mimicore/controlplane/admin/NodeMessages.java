package io.mimicore.controlplane.admin;

import io.mimicore.controlplane.fleet.FleetNode;
import io.mimicore.controlplane.stream.DrainState;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.NodeProblem;
import io.mimicore.proto.admin.v1.NodeWindow;
import io.mimicore.proto.admin.v1.Rejection;

/// Nodes as the admin API shows them.
final class NodeMessages {
    static final String PREFIX = "nodes/";

    private NodeMessages() {}

    static Node encode(FleetNode shown) {
        NodeStatus node = shown.status();
        Node.Builder encoded =
                Node.newBuilder()
                        .setName(PREFIX + node.node())
                        .setBootId(node.bootId())
                        .setBuild(node.build())
                        .putAllLabels(node.labels())
                        .setState(
                                shown.lost()
                                        ? Node.State.LOST
                                        : Node.State.valueOf(node.state().name()))
                        .setVersion(node.version())
                        .setOfferedVersion(node.offered())
                        .setPoisonVersion(node.poison())
                        .setControlPlane(shown.controlPlane())
                        .setDrain(drain(shown));
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

    /// What a node has confirmed counts only while it is connected.
    private static Node.Drain drain(FleetNode shown) {
        DrainState confirmed = shown.status().drain();
        boolean connected = !shown.lost() && shown.status().state() != NodeState.DISCONNECTED;
        if (!connected || confirmed == DrainState.NONE) {
            return shown.drainOrdered() ? Node.Drain.ORDERED : Node.Drain.NOT_DRAINED;
        }
        return confirmed == DrainState.DRAINED && shown.drainOrdered()
                ? Node.Drain.DRAINED
                : Node.Drain.DRAINING;
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
