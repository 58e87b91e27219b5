package io.mimicore.controlplane.stream;

/// Decides which version a node is to run. Called by many threads; returns at once.
@FunctionalInterface
public interface RolloutPolicy {
    /// Every node runs the newest version as soon as it can.
    RolloutPolicy IMMEDIATE = (_, newest) -> newest;

    /// The version that `node` is to run.
    ///
    /// @param node what is known about it
    /// @param newest the channel's target
    /// @return a published version
    long versionFor(NodeStatus node, long newest);
}
