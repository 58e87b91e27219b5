package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/// Who a node is.
///
/// @param node its name in the fleet
/// @param bootId new at each start
/// @param build this program's version
/// @param labels what rollouts choose nodes by
/// @param cluster the one it belongs to; empty: whichever takes it
public record NodeIdentity(
        String node, String bootId, String build, Map<String, String> labels, String cluster) {
    public NodeIdentity {
        requireNonNull(cluster, "cluster");
        requireNonNull(node, "node");
        requireNonNull(bootId, "bootId");
        requireNonNull(build, "build");
        labels = Map.copyOf(labels);
    }
}
