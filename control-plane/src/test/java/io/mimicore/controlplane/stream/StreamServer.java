package io.mimicore.controlplane.stream;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.mimicore.controlplane.FakeNode;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.time.FakeScheduler;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Streams of the cluster "prod", which has published nothing, behind an in-process server.
final class StreamServer implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SnapshotStreams streams;
    private final Server server;
    private final ManagedChannel channel;

    StreamServer(FleetLink fleet) throws IOException {
        StoreKeys keys = new StoreKeys("prod");
        var store = new InMemoryMetadataStore();
        var reader = new SnapshotReader(store, keys, CachedContent.of(new Objects(store, keys)));
        var rules = new StreamRules("prod", RolloutPolicy.IMMEDIATE, StreamLimits.DEFAULT);
        streams = new SnapshotStreams(reader, rules, fleet, new FakeScheduler(), new Random(1));
        streams.target(null);
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name).addService(streams).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    SnapshotStreams streams() {
        return streams;
    }

    /// A node that says hello as it should.
    FakeNode connect(String node) {
        FakeNode connected = new FakeNode(node, null);
        connected.connect(channel);
        return connected;
    }

    /// A node that has opened a stream and said nothing.
    FakeNode open(String node) {
        FakeNode opened = new FakeNode(node, null);
        opened.open(channel);
        return opened;
    }

    /// Opens a stream of the same node again.
    void connectAgain(FakeNode node) {
        node.connect(channel);
    }

    void awaitStatus(String node, Consumer<NodeStatus> check) {
        eventually(
                PATIENCE, () -> assertThat(streams.nodes().get(node)).isNotNull().satisfies(check));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        streams.close();
    }

    /// Orders that a test gives.
    static final class Orders implements FleetLink {
        private final Map<String, DrainOrder> orders = new ConcurrentHashMap<>();

        void order(String node, DrainOrder order) {
            orders.put(node, order);
        }

        @Override
        public DrainOrder drainOf(String node) {
            return orders.getOrDefault(node, DrainOrder.UNKNOWN);
        }

        @Override
        public void joined(String node) {}

        @Override
        public void changed(NodeStatus status) {}
    }
}
