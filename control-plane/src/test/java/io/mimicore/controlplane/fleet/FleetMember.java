package io.mimicore.controlplane.fleet;

import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import java.time.InstantSource;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// A control plane whose streams a test makes up.
final class FleetMember implements Fleet.Streams, AutoCloseable {
    static final StoreKeys KEYS = new StoreKeys("test");

    private final Fleet fleet;
    private final Map<String, NodeStatus> nodes = new ConcurrentHashMap<>();
    private final Queue<String> drains = new ConcurrentLinkedQueue<>();

    FleetMember(String name, MetadataStore store) {
        fleet =
                new Fleet(
                        new Fleet.Records(store, KEYS),
                        new Replica(() -> name, "boot-" + name),
                        this,
                        InstantSource.system(),
                        System::nanoTime);
        fleet.start();
    }

    Fleet fleet() {
        return fleet;
    }

    /// A node opens a stream here.
    void join(NodeStatus status) {
        fleet.joined(status.node());
        change(status);
    }

    void change(NodeStatus status) {
        nodes.put(status.node(), status);
        fleet.changed(status);
    }

    /// A node's stream ends.
    void leave(String node, long version) {
        change(Statuses.of(node, NodeState.DISCONNECTED, version));
    }

    /// For whom an order may have changed since this was asked last.
    String takeDrains() {
        StringBuilder taken = new StringBuilder();
        for (String next = drains.poll(); next != null; next = drains.poll()) {
            taken.append(next).append(' ');
        }
        return taken.toString();
    }

    @Override
    public Map<String, NodeStatus> nodes() {
        return nodes;
    }

    @Override
    public long targetVersion() {
        return 9;
    }

    @Override
    public void drainChanged(@Nullable String node) {
        drains.add(node == null ? "*" : node);
    }

    @Override
    public void close() {
        fleet.close();
    }
}
