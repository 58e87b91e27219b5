package io.mimicore.testkit.fleet;

import static java.util.Objects.requireNonNull;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.Reconnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Thousands of nodes that hold streams to control planes over real sockets, in one process.
///
/// Each has its own stream, its own state and the policy by which real nodes come back; each hashes
/// all it is sent. They have no traffic, no disk, and no preparation: a version counts as active as
/// soon as it is ordered, so what is measured is the control plane and the way to the nodes.
/// Several nodes may share a connection, which spares sockets, handshakes and the memory of
/// connections on both sides; figures about these need one connection each. Thread-safe.
public final class SimulatedFleet implements AutoCloseable {
    /// Streams that a control plane takes on one connection.
    public static final int NODES_PER_CONNECTION_MAX = 16;

    private final Builder settings;
    private final OfferChecks checks;
    private final WireCounter wire = new WireCounter();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Map<Long, Activations> activations = new ConcurrentHashMap<>();
    private final Collection<Long> slots = new ConcurrentLinkedQueue<>();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong longestAskedNanos = new AtomicLong();
    private final ScheduledExecutorService timer;

    private SimulatedFleet(Builder settings) {
        this.settings = settings;
        this.checks = new OfferChecks(settings.trusted);
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("simulated-fleet").daemon().factory());
        var random = new Random(settings.seed);
        for (int i = 0; i < settings.nodes; i++) {
            var reconnection =
                    new Reconnection(settings.controlPlanes, new Random(random.nextLong()));
            nodes.add(new SimulatedNode(this, i, reconnection));
        }
    }

    /// When the nodes of a fleet have activated a version.
    ///
    /// @param lastNanos of the last of them so far, by [System#nanoTime]
    public record Activated(int nodes, long lastNanos) {}

    /// Starts to describe a fleet.
    ///
    /// @param nodes how many
    /// @param connect makes a channel to the control plane of this address; a channel whose
    ///   executor is direct spares threads, and nothing here blocks
    public static Builder of(int nodes, Function<String, ManagedChannel> connect) {
        return new Builder(nodes, connect);
    }

    /// All nodes.
    public List<SimulatedNode> nodes() {
        return List.copyOf(nodes);
    }

    /// Opens the streams of all nodes.
    ///
    /// @param perSecond how many at a time; the control plane admits only so many
    public void connect(int perSecond) {
        for (int i = 0; i < nodes.size(); i++) {
            later(nodes.get(i)::connect, i * TimeUnit.SECONDS.toNanos(1) / perSecond);
        }
    }

    /// How many nodes have this version active.
    public long at(long version) {
        return nodes.stream().filter(node -> node.version() == version).count();
    }

    /// How many nodes have a stream that the control plane has answered on.
    public long following() {
        return nodes.stream().filter(node -> node.resumedNanos() != 0).count();
    }

    /// Snapshots sent so far that did not start from what the node had, all nodes together.
    public long wholeSnapshots() {
        return nodes.stream().mapToLong(SimulatedNode::wholeSnapshots).sum();
    }

    /// What was wrong with what came, all nodes together.
    public List<String> faults() {
        return nodes.stream()
                .flatMap(node -> node.faults().stream().map(fault -> node.name() + ": " + fault))
                .toList();
    }

    /// Bytes of messages received so far: with the frames of gRPC, without those of HTTP/2 and TCP.
    public long inboundBytes() {
        return wire.inboundBytes();
    }

    /// Streams that ended before anything was said on them, so far.
    public long refusals() {
        return refusals.get();
    }

    /// The longest wait that a refusal has asked for so far, in nanoseconds.
    public long longestAskedNanos() {
        return longestAskedNanos.get();
    }

    /// The waits that nodes were told when they were sent away, in nanoseconds.
    public List<Long> slots() {
        return List.copyOf(slots);
    }

    /// Who has activated this version so far.
    public Activated activated(long version) {
        Activations so = activations.get(version);
        return so == null ? new Activated(0, 0) : new Activated(so.nodes.get(), so.lastNanos.get());
    }

    /// Ends all streams.
    @Override
    public void close() {
        timer.shutdownNow();
        nodes.forEach(SimulatedNode::close);
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    Channel channel(int node, int target) {
        String address = settings.controlPlanes.get(target);
        int connection = node / settings.nodesPerConnection;
        ManagedChannel channel =
                channels.computeIfAbsent(
                        connection + " " + target, _ -> settings.connect.apply(address));
        // As real nodes do: the waits are the node's own.
        channel.resetConnectBackoff();
        return channel;
    }

    void received(int node, ControlMessage message) {
        if (node == 0) {
            settings.watcher.accept(message);
        }
    }

    WireCounter wire() {
        return wire;
    }

    OfferChecks checks() {
        return checks;
    }

    void later(Runnable task, long afterNanos) {
        try {
            var _ = timer.schedule(task, afterNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The fleet is closed.
        }
    }

    void activated(long version, long nowNanos) {
        Activations so = activations.computeIfAbsent(version, _ -> new Activations());
        so.lastNanos.accumulateAndGet(nowNanos, (a, b) -> a == 0 || b - a > 0 ? b : a);
        so.nodes.incrementAndGet();
    }

    void refused(long askedNanos) {
        refusals.incrementAndGet();
        longestAskedNanos.accumulateAndGet(askedNanos, Math::max);
    }

    void slotTold(long waitNanos) {
        slots.add(waitNanos);
    }

    private static final class Activations {
        private final AtomicInteger nodes = new AtomicInteger();
        private final AtomicLong lastNanos = new AtomicLong();
    }

    /// Describes a fleet.
    public static final class Builder {
        private final int nodes;
        private final Function<String, ManagedChannel> connect;
        private final List<String> controlPlanes = new ArrayList<>();
        private int nodesPerConnection = 1;
        private long seed = 1;
        private @Nullable TrustedKey trusted;
        private Consumer<ControlMessage> watcher = _ -> {};

        private Builder(int nodes, Function<String, ManagedChannel> connect) {
            if (nodes < 1) {
                throw new IllegalArgumentException("nodes: " + nodes + " (expected: >= 1)");
            }
            this.nodes = nodes;
            this.connect = requireNonNull(connect, "connect");
        }

        /// Adds a control plane, `host:port`.
        public Builder controlPlane(String address) {
            controlPlanes.add(requireNonNull(address, "address"));
            return this;
        }

        /// How many nodes share a connection, 1..[SimulatedFleet#NODES_PER_CONNECTION_MAX].
        public Builder nodesPerConnection(int count) {
            if (count < 1 || count > NODES_PER_CONNECTION_MAX) {
                throw new IllegalArgumentException(
                        "count: " + count + " (expected: 1.." + NODES_PER_CONNECTION_MAX + ")");
            }
            nodesPerConnection = count;
            return this;
        }

        /// Checks signatures; without it they are not checked.
        public Builder trusted(TrustedKey key) {
            trusted = requireNonNull(key, "key");
            return this;
        }

        /// Sees what the first node is sent, on the threads of its stream.
        public Builder watchFirst(Consumer<ControlMessage> watcher) {
            this.watcher = requireNonNull(watcher, "watcher");
            return this;
        }

        /// Makes the waits of the nodes repeatable.
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /// A fleet that is not connected.
        public SimulatedFleet build() {
            return new SimulatedFleet(this);
        }
    }
}
