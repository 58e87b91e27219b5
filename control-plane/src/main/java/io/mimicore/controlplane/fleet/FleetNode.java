package io.mimicore.controlplane.fleet;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.stream.NodeStatus;

/// A node as its cluster knows it.
///
/// @param status how it stands; its window is known only to the control plane that has its stream
/// @param controlPlane name of the control plane that has its stream, or had it last
/// @param lost that control plane is gone and had not seen the stream end
/// @param drainOrdered whether it is to take no traffic
public record FleetNode(
        NodeStatus status, String controlPlane, boolean lost, boolean drainOrdered) {
    public FleetNode {
        requireNonNull(status, "status");
        requireNonNull(controlPlane, "controlPlane");
    }

    /// The same node under another order.
    public FleetNode drainOrdered(boolean ordered) {
        return new FleetNode(status, controlPlane, lost, ordered);
    }
}
