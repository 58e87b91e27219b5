package io.mimicore.controlplane.fleet;

import io.mimicore.controlplane.stream.DrainState;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import java.util.List;
import java.util.Map;

/// Nodes for tests.
public final class Statuses {
    private Statuses() {}

    public static NodeStatus of(String node, NodeState state, long version) {
        return of(node, state, version, DrainState.NONE);
    }

    public static NodeStatus of(String node, NodeState state, long version, DrainState drain) {
        return new NodeStatus(
                node,
                "boot",
                "0.1.0",
                Map.of("zone", "a"),
                state,
                version,
                version,
                null,
                0,
                drain,
                null);
    }

    public static NodeStatus rejecting(String node, long version, int problems) {
        var problem = new NodeStatus.Problem("shop", "ARTIFACT", "x".repeat(1_000));
        return new NodeStatus(
                node,
                "boot",
                "0.1.0",
                Map.of(),
                NodeState.REJECTED,
                1,
                version,
                new NodeStatus.Rejection(version, java.util.Collections.nCopies(problems, problem)),
                version,
                DrainState.NONE,
                new NodeStatus.Window(1, 10_000, 5, 0, 0));
    }

    static List<String> names(int count) {
        return java.util.stream.IntStream.range(0, count).mapToObj(i -> "n" + i).toList();
    }
}
