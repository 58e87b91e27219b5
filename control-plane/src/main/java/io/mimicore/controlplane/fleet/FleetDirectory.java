package io.mimicore.controlplane.fleet;

import java.util.NavigableMap;

/// The nodes of a cluster, as any of its control planes knows them. Thread-safe.
public interface FleetDirectory {
    /// Every node that is or lately was connected to any control plane, by name. Does not block.
    NavigableMap<String, FleetNode> nodes();

    /// Rises with every change of [#nodes], but for windows.
    long generation();

    /// The version that nodes are to run; 0: none yet.
    long targetVersion();

    /// Orders a node to be drained, or takes the order back; it need not be connected. Blocks.
    ///
    /// @throws io.mimicore.store.StoreException if the store fails; then it may or may not be
    ///   ordered
    void drain(String node, boolean ordered);
}
