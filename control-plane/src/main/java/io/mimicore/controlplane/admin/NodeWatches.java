package io.mimicore.controlplane.admin;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.mimicore.controlplane.fleet.FleetDirectory;
import io.mimicore.controlplane.fleet.FleetNode;
import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.proto.admin.v1.WatchNodesResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Tells callers how nodes stand and what changes. Each caller has a virtual thread, which compares
/// what it has told with what there is, at intervals and only while the caller reads: so a slow one
/// costs one copy of the fleet, and changes in between are told as one.
final class NodeWatches {
    /// Callers at a time.
    static final int WATCHES_MAX = 100;

    /// Nodes in one message: at most some hundred KiB, as refusals are rare and cut.
    static final int NODES_MAX = 500;

    /// Time between two looks.
    static final Duration PAUSE = Duration.ofMillis(200);

    private final FleetDirectory fleet;
    private final AtomicInteger open = new AtomicInteger();

    NodeWatches(FleetDirectory fleet) {
        this.fleet = fleet;
    }

    /// Begins to tell; must be called before the service's method returns.
    void open(ServerCallStreamObserver<WatchNodesResponse> out) {
        if (open.incrementAndGet() > WATCHES_MAX) {
            open.decrementAndGet();
            out.onError(
                    Status.RESOURCE_EXHAUSTED
                            .withDescription("watches: more than " + WATCHES_MAX + " at once")
                            .asRuntimeException());
            return;
        }
        var thread = new WakeableThread("watch-nodes");
        out.setOnReadyHandler(thread::wake);
        out.setOnCancelHandler(thread::end);
        var watch = new Watch(out, thread);
        thread.start(watch::run);
    }

    /// One caller. Confined to its thread.
    private final class Watch {
        private final ServerCallStreamObserver<WatchNodesResponse> out;
        private final WakeableThread thread;
        private final Map<String, Node> told = new HashMap<>();
        private long toldTarget = -1;
        private long seenGeneration = -1;
        private boolean complete;

        Watch(ServerCallStreamObserver<WatchNodesResponse> out, WakeableThread thread) {
            this.out = out;
            this.thread = thread;
        }

        void run() {
            try {
                while (!thread.isClosed()) {
                    if (!out.isReady() || !tell()) {
                        thread.await(PAUSE);
                    }
                }
            } finally {
                open.decrementAndGet();
            }
        }

        /// @return whether there is more to tell at once
        private boolean tell() {
            long target = fleet.targetVersion();
            long generation = fleet.generation();
            if (complete && generation == seenGeneration && target == toldTarget) {
                return false;
            }
            NavigableMap<String, FleetNode> nodes = fleet.nodes();
            List<Node> changed = changed(nodes);
            List<String> removed = removed(nodes);
            boolean more = changed.size() + removed.size() >= NODES_MAX;
            boolean begun = complete;
            complete |= !more;
            if (!more) {
                seenGeneration = generation;
            }
            if (!begun || !changed.isEmpty() || !removed.isEmpty() || target != toldTarget) {
                toldTarget = target;
                changed.forEach(node -> told.put(node.getName(), node));
                removed.forEach(told::remove);
                out.onNext(
                        WatchNodesResponse.newBuilder()
                                .addAllNodes(changed)
                                .addAllRemoved(removed)
                                .setTargetVersion(target)
                                .setComplete(complete)
                                .build());
            }
            return more;
        }

        private List<Node> changed(NavigableMap<String, FleetNode> nodes) {
            List<Node> changed = new ArrayList<>();
            for (FleetNode node : nodes.values()) {
                Node now = NodeMessages.encode(node).toBuilder().clearWindow().build();
                if (changed.size() < NODES_MAX && !now.equals(told.get(now.getName()))) {
                    changed.add(now);
                }
            }
            return changed;
        }

        private List<String> removed(NavigableMap<String, FleetNode> nodes) {
            return told.keySet().stream()
                    .filter(name ->
                            !nodes.containsKey(name.substring(NodeMessages.PREFIX.length())))
                    .limit(NODES_MAX)
                    .toList();
        }
    }
}
