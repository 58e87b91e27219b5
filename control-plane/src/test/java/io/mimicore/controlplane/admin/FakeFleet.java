package io.mimicore.controlplane.admin;

import io.mimicore.controlplane.fleet.FleetDirectory;
import io.mimicore.controlplane.fleet.FleetNode;
import io.mimicore.controlplane.stream.NodeStatus;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A fleet that a test makes up.
final class FakeFleet implements FleetDirectory {
    private final NavigableMap<String, FleetNode> nodes = new TreeMap<>();
    private long generation;
    private long target;

    FakeFleet(long target) {
        this.target = target;
    }

    void put(NodeStatus status) {
        put(new FleetNode(status, "a:7071", /* lost= */ false, /* drainOrdered= */ false));
    }

    synchronized void put(FleetNode node) {
        nodes.put(node.status().node(), node);
        generation++;
    }

    synchronized void remove(String node) {
        nodes.remove(node);
        generation++;
    }

    synchronized void target(long version) {
        target = version;
    }

    @Override
    public synchronized NavigableMap<String, FleetNode> nodes() {
        return new TreeMap<>(nodes);
    }

    @Override
    public synchronized long generation() {
        return generation;
    }

    @Override
    public synchronized long targetVersion() {
        return target;
    }

    @Override
    public synchronized void drain(String node, boolean ordered) {
        nodes.computeIfPresent(node, (_, there) -> there.drainOrdered(ordered));
        generation++;
    }
}
