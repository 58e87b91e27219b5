package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.snapshot.ChannelFollower;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.time.Scheduler;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The gRPC service that nodes hold a stream to.
///
/// Refuses streams until it knows what there is to run; after that it needs neither the store nor a
/// leader to go on serving nodes that are in sync. Thread-safe: each session has its own serial
/// executor on virtual threads, the target is one volatile reference, and what sessions share is
/// behind [StreamHub].
public final class SnapshotStreams extends SnapshotServiceGrpc.SnapshotServiceImplBase
        implements ChannelFollower.Listener, AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration RETRY_LOADING = Duration.ofSeconds(1);

    /// Snapshots remembered by version, to know what a node runs when it says only the number.
    private static final int KNOWN_MAX = 256;

    /// Nodes remembered after their streams have ended.
    private static final int DEPARTED_MAX = 1_000;

    private final StreamRules rules;
    private final FleetLink fleet;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Hub hub = new Hub();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ChangesCache changes;
    private final ByteBudget budget;
    private final TokenBucket admission;
    private final Set<NodeSession> sessions = ConcurrentHashMap.newKeySet();
    private final Map<String, NodeSession> byNode = new ConcurrentHashMap<>();
    private final Map<String, NodeStatus> departed =
            Collections.synchronizedMap(bounded(DEPARTED_MAX));
    private final Map<Long, Snapshot> known = Collections.synchronizedMap(bounded(KNOWN_MAX));
    private volatile @Nullable Snapshot newest;
    private volatile boolean loaded;
    private volatile boolean draining;

    /// @param fleet what other control planes must know, and what they have ordered
    /// @param random spreads nodes that have to come back
    public SnapshotStreams(
            SnapshotReader reader,
            StreamRules rules,
            FleetLink fleet,
            Scheduler scheduler,
            RandomGenerator random) {
        this.rules = requireNonNull(rules, "rules");
        this.fleet = requireNonNull(fleet, "fleet");
        StreamLimits limits = rules.limits();
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.random = requireNonNull(random, "random");
        this.changes = new ChangesCache(reader, threads);
        this.budget = new ByteBudget(limits.bytesInFlightMax());
        this.admission =
                new TokenBucket(
                        limits.streamsPerSecond(),
                        Math.max(1, limits.streamsPerSecond()),
                        scheduler::nanoTime);
        scheduler.schedule(TICK, this::tick);
    }

    @Override
    public void target(@Nullable Snapshot snapshot) {
        if (snapshot != null) {
            known.put(snapshot.version(), snapshot);
            newest = snapshot;
        }
        loaded = true;
        reevaluate();
    }

    /// Whether it knows what there is to run; until then every stream is refused.
    public boolean isLoaded() {
        return loaded;
    }

    /// Asks the policy again what every node is to run.
    public void reevaluate() {
        sessions.forEach(NodeSession::targetChanged);
    }

    /// What has been ordered for a node may have changed.
    public void drainChanged(String node) {
        NodeSession session = byNode.get(node);
        if (session != null) {
            session.drainChanged();
        }
    }

    /// [#drainChanged] for every node.
    public void drainsChanged() {
        byNode.values().forEach(NodeSession::drainChanged);
    }

    @Override
    public StreamObserver<NodeMessage> stream(StreamObserver<ControlMessage> responses) {
        var out = (ServerCallStreamObserver<ControlMessage>) responses;
        if (!loaded || draining) {
            String message = draining ? "the control plane is stopping" : "loading the snapshot";
            return refuse(out, Code.UNAVAILABLE, message, RETRY_LOADING.toNanos());
        }
        long waitNanos = admission.tryTake(StreamLimits.RESUME_COST);
        if (waitNanos > 0) {
            return refuse(out, Code.RESOURCE_EXHAUSTED, "too many streams at once", waitNanos);
        }
        NodeSession session = new NodeSession(hub, out, threads);
        sessions.add(session);
        session.open();
        return session;
    }

    /// Every node that has said who it is, by name; those that have gone lately included.
    public Map<String, NodeStatus> nodes() {
        Map<String, NodeStatus> nodes = new TreeMap<>();
        synchronized (departed) {
            nodes.putAll(departed);
        }
        byNode.forEach((node, session) -> {
            NodeStatus status = session.status();
            if (status != null) {
                nodes.put(node, status);
            }
        });
        return nodes;
    }

    /// The channel's target; absent: nothing was ever published.
    public @Nullable Snapshot newest() {
        return newest;
    }

    /// The version of [#newest]; 0: there is none.
    public long newestVersion() {
        Snapshot target = newest;
        return target == null ? 0 : target.version();
    }

    /// How many nodes are in this state.
    public long count(NodeState state) {
        if (state == NodeState.DISCONNECTED) {
            return departed.size();
        }
        return byNode.values().stream()
                .map(NodeSession::status)
                .filter(status -> status != null && status.state() == state)
                .count();
    }

    /// Tells every node to come back, each at its own time within as long as admitting all of them
    /// takes, and refuses new streams.
    public void drain() {
        draining = true;
        List<NodeSession> all = List.copyOf(sessions);
        long spreadMillis = spreadMillis(all.size());
        all.forEach(session -> session.reconnect(random.nextLong(spreadMillis + 1)));
    }

    /// Ends every stream. Call [#drain] before, to tell the nodes.
    @Override
    public void close() {
        draining = true;
        threads.shutdown();
        try {
            // Lets the last messages out; a session that is stuck goes down with its transport.
            threads.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// How many offers were encoded; nodes that need the same one share it.
    long encodings() {
        return changes.encodings();
    }

    /// Bytes of offers that lie in buffers.
    long bytesInFlight() {
        return budget.taken();
    }

    /// Over how long so many nodes would be spread that are sent away.
    long spreadMillis(int nodes) {
        return rules.limits().spreadMillis(nodes);
    }

    private void tick() {
        if (!draining) {
            sessions.forEach(NodeSession::tick);
            scheduler.schedule(TICK, this::tick);
        }
    }

    private static StreamObserver<NodeMessage> refuse(
            StreamObserver<ControlMessage> out, Code code, String message, long afterNanos) {
        out.onError(Refusals.retryable(code, message, afterNanos));
        return new Deaf();
    }

    private static <K, V> Map<K, V> bounded(int entriesMax) {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > entriesMax;
            }
        };
    }

    /// What the sessions share.
    private final class Hub implements StreamHub {
        @Override
        public long nanoTime() {
            return scheduler.nanoTime();
        }

        @Override
        public StreamRules rules() {
            return rules;
        }

        @Override
        public FleetLink fleet() {
            return fleet;
        }

        @Override
        public @Nullable Snapshot targetOf(NodeStatus node) {
            Snapshot target = newest;
            if (target == null) {
                return null;
            }
            long version = rules.policy().versionFor(node, target.version());
            return version == target.version() ? target : known.get(version);
        }

        @Override
        public @Nullable Snapshot known(long version) {
            return known.get(version);
        }

        @Override
        public long admit(double cost) {
            return admission.tryTake(cost);
        }

        @Override
        public ByteBudget budget() {
            return budget;
        }

        @Override
        public CompletableFuture<EncodedChanges> changes(ChangesCache.Held held, Snapshot target) {
            return changes.between(held, target);
        }

        @Override
        public @Nullable NodeStatus joined(String node, NodeSession session) {
            NodeStatus before = departed.remove(node);
            NodeSession other = byNode.put(node, session);
            fleet.joined(node);
            if (other == null) {
                return before;
            }
            other.replaced();
            return other.status();
        }

        @Override
        public void changed(NodeStatus status, NodeSession session) {
            // A session that the node has replaced has nothing to say any more.
            if (byNode.get(status.node()) == session) {
                fleet.changed(status);
            }
        }

        @Override
        public void left(String node, NodeSession session) {
            sessions.remove(session);
            NodeStatus last = session.status();
            if (byNode.remove(node, session) && last != null) {
                departed.put(node, last);
                fleet.changed(last);
            }
        }
    }

    /// Hears nothing: the stream was refused.
    private static final class Deaf implements StreamObserver<NodeMessage> {
        @Override
        public void onNext(NodeMessage message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
