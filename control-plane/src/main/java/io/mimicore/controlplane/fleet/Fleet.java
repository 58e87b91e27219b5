package io.mimicore.controlplane.fleet;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.stream.FleetLink;
import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.proto.store.v1.DrainRecord;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The nodes of the whole cluster, as one of its control planes knows them: those of its own
/// streams from the streams, all others from what their control planes wrote into the store.
///
/// Thread-safe. Nothing but [#drain] blocks, so streams may call it.
public final class Fleet implements FleetLink, FleetDirectory, AutoCloseable {
    private final MetadataStore store;
    private final StoreKeys keys;
    private final Replica self;
    private final Streams streams;
    private final InstantSource clock;
    private final AtomicLong generation = new AtomicLong();
    private final FleetView view;
    private final NodeRecorder recorder;
    private final ReplicaPresence presence;

    /// @param clock dates orders, for people who look at the store
    /// @param ticker nanoseconds that never go back
    public Fleet(
            Records records,
            Replica self,
            Streams streams,
            InstantSource clock,
            LongSupplier ticker) {
        this.store = records.store();
        this.keys = records.keys();
        this.self = requireNonNull(self, "self");
        this.streams = requireNonNull(streams, "streams");
        this.clock = requireNonNull(clock, "clock");
        this.view = new FleetView(store, keys, new Seeing());
        this.recorder = new NodeRecorder(store, keys, self, ticker);
        this.presence = new ReplicaPresence(store, keys, self);
    }

    /// Where records are kept.
    public record Records(MetadataStore store, StoreKeys keys) {
        public Records {
            requireNonNull(store, "store");
            requireNonNull(keys, "keys");
        }
    }

    /// The streams of this control plane. Called by any thread; must not block.
    public interface Streams {
        /// Nodes that are or lately were connected to it, by name.
        Map<String, NodeStatus> nodes();

        /// The version that nodes are to run; 0: none yet.
        long targetVersion();

        /// What is ordered for a node may have changed; absent: for any.
        void drainChanged(@Nullable String node);
    }

    /// Starts to be seen, to see and to record; returns at once.
    public void start() {
        presence.start();
        view.start();
        recorder.start();
    }

    @Override
    public DrainOrder drainOf(String node) {
        if (!view.knowsDrains()) {
            return DrainOrder.UNKNOWN;
        }
        return view.isDrained(node) ? DrainOrder.DRAIN : DrainOrder.TAKE;
    }

    @Override
    public void joined(String node) {
        recorder.joined(node);
    }

    @Override
    public void changed(NodeStatus status) {
        if (recorder.changed(status)) {
            generation.incrementAndGet();
        }
    }

    @Override
    public NavigableMap<String, FleetNode> nodes() {
        NavigableMap<String, FleetNode> all = new TreeMap<>();
        view.nodes().forEach((node, seen) -> all.put(node, recorded(node, seen.record())));
        streams.nodes()
                .forEach((node, status) -> {
                    NodeRecord record = recordOf(node);
                    boolean elsewhere =
                            record != null && !record.getReplicaBootId().equals(self.bootId());
                    // What ended here may go on elsewhere.
                    if (status.state() != NodeState.DISCONNECTED || !elsewhere) {
                        all.put(
                                node,
                                new FleetNode(
                                        status,
                                        self.name(),
                                        /* lost= */ false,
                                        view.isDrained(node)));
                    }
                });
        return all;
    }

    /// What the store says of a node; absent: nothing.
    @Nullable NodeRecord recordOf(String node) {
        FleetView.Seen seen = view.nodes().get(node);
        return seen == null ? null : seen.record();
    }

    private FleetNode recorded(String node, NodeRecord record) {
        boolean lost =
                record.getState() != NodeRecord.State.DISCONNECTED
                        && !view.isPresent(record.getReplicaBootId());
        return new FleetNode(
                NodeRecords.status(record), record.getReplica(), lost, view.isDrained(node));
    }

    /// Versions that nodes which are connected to any control plane, or may be, run or are offered,
    /// as far as is known here.
    public Set<Long> versionsInUse() {
        Set<Long> versions = new HashSet<>();
        nodes().values()
                .forEach(node -> {
                    if (node.status().state() != NodeState.DISCONNECTED) {
                        versions.add(node.status().version());
                        versions.add(node.status().offered());
                    }
                });
        return versions;
    }

    @Override
    public long generation() {
        return generation.get();
    }

    @Override
    public long targetVersion() {
        return streams.targetVersion();
    }

    /// Control planes that are there, this one included once it can be seen.
    public int controlPlanes() {
        return view.replicas();
    }

    /// Nodes whose record is to be written.
    public int recordsWaiting() {
        return recorder.waiting();
    }

    @Override
    public void drain(String node, boolean ordered) {
        String key = keys.drain(node);
        Transaction.Builder transaction = Transaction.builder();
        if (ordered) {
            DrainRecord record =
                    DrainRecord.newBuilder().setSinceEpochMillis(clock.millis()).build();
            transaction.ifAbsent(key).put(key, record.toByteArray());
        } else {
            transaction.delete(key);
        }
        // Refused: it is ordered already.
        MetadataStore.Outcome _ = store.commit(transaction.build());
    }

    /// Records nothing more: streams will end because this process does.
    public void stopRecording() {
        recorder.stop();
    }

    @Override
    public void close() {
        recorder.close();
        view.close();
        presence.close();
    }

    /// Takes what the store says.
    private final class Seeing implements FleetView.Listener {
        @Override
        public void nodeChanged(String node, FleetView.@Nullable Seen seen) {
            generation.incrementAndGet();
            recorder.recordSeen(node, seen, seen != null && isStale(seen.record()));
        }

        @Override
        public void nodesRelisted() {
            generation.incrementAndGet();
            recorder.recordAll();
        }

        @Override
        public void replicasChanged() {
            generation.incrementAndGet();
            view.nodes()
                    .forEach((node, seen) -> {
                        if (isStale(seen.record())) {
                            recorder.recordSeen(node, seen, /* stale= */ true);
                        }
                    });
        }

        @Override
        public void drainChanged(@Nullable String node) {
            generation.incrementAndGet();
            streams.drainChanged(node);
        }

        private boolean isStale(NodeRecord record) {
            return record.getState() == NodeRecord.State.DISCONNECTED
                    || !view.isPresent(record.getReplicaBootId());
        }
    }
}
