package io.mimicore.controlplane.stream;

import static io.mimicore.testkit.Eventually.eventually;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.time.SystemScheduler;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import io.mimicore.testkit.fleet.SimulatedFleet;
import io.mimicore.testkit.fleet.SimulatedNode;
import io.mimicore.testkit.process.StallableLink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many nodes at once, over real sockets: they come back after a control plane was lost or stopped,
/// and some of them do not read. `-Dmimicore.herd.nodes=1000` makes them more.
class HerdTest {
    private static final int NODES = Integer.getInteger("mimicore.herd.nodes", 300);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final StoreKeys KEYS = new StoreKeys("test");

    /// Resumptions a second, and in one go: few enough that the nodes have to be spread.
    private static final int RESUMED_PER_SECOND = NODES / 3;

    private static final long BYTES_IN_FLIGHT_MAX = 1024 * 1024;

    private static final StreamLimits LIMITS =
            limits(RESUMED_PER_SECOND * StreamLimits.RESUME_COST, Duration.ofMinutes(2));

    private final ClusterKey key = ClusterKey.generate();
    private final PublishedTexts published =
            new PublishedTexts(new InMemoryMetadataStore(), KEYS, key);
    private final SystemScheduler scheduler = SystemScheduler.start();

    @SuppressWarnings("NullAway.Init") // serve() sets it, first in each test
    private SnapshotStreams streams;

    private @Nullable Server server;
    private int port;

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            kill();
        }
        scheduler.close();
    }

    @Test
    void controlPlane_isLostAndBackWithANewerVersion_isResumedInFewBytes() throws Exception {
        publish(apis(200, 1));
        // The crowd of a fleet that is new is let in at once: it is not what is looked at here.
        serve(limits(NODES, Duration.ofMinutes(2)));
        try (var link = StallableLink.to(port);
                var fleet = fleet(NODES, link.endpoint()).build()) {
            connect(fleet, 1);
            long before = link.sentByServer();
            kill();
            Map<String, String> edited = new HashMap<>(apis(200, 1));
            edited.put("api-7", "2");
            publish(edited);
            serve(LIMITS);

            eventually(PATIENCE, () -> assertThat(fleet.at(2)).isEqualTo(NODES));
            assertThat(link.sentByServer() - before).isLessThanOrEqualTo(NODES * 1_000L);
            assertThat(fleet.wholeSnapshots()).isEqualTo(NODES);
            assertThat(streams.encodings()).isOne();
            assertThatNodesCameApart(fleet);
            assertThat(fleet.faults()).isEmpty();
        }
    }

    @Test
    void controlPlane_isStopped_givesEachNodeItsTimeToComeBack() throws Exception {
        publish(apis(10, 1));
        serve(limits(NODES, Duration.ofMinutes(2)));
        try (var fleet = fleet(NODES, "127.0.0.1:" + port).build()) {
            connect(fleet, 1);
            streams.drain();

            eventually(PATIENCE, () -> assertThat(fleet.slots()).hasSize(NODES));
            long spread = TimeUnit.MILLISECONDS.toNanos(streams.spreadMillis(NODES));
            assertThat(fleet.slots()).allMatch(slot -> slot <= spread);
            // Even enough that no tenth of the time gets more than four times its share.
            for (long tenth = 0; tenth < 10; tenth++) {
                long from = spread * tenth / 10;
                long to = spread * (tenth + 1) / 10;
                assertThat(fleet.slots().stream().filter(slot -> slot >= from && slot < to))
                        .hasSizeLessThan(NODES * 4 / 10);
            }
            kill();
            serve(limits(NODES, Duration.ofMinutes(2)));
            eventually(PATIENCE, () -> assertThat(fleet.following()).isEqualTo(NODES));
            assertThat(fleet.wholeSnapshots()).isEqualTo(NODES);
            assertThat(fleet.faults()).isEmpty();
        }
    }

    @Test
    void nodes_thatDoNotRead_costBoundedMemoryAndHoldNobodyUp() throws Exception {
        publish(Map.of("small", "1"));
        serve(limits(NODES, Duration.ofMinutes(10)));
        try (var fleet = fleet(60, "127.0.0.1:" + port).build()) {
            connect(fleet, 1);
            // Each holds a piece of 256 KiB, all together more than there is for everybody.
            List<SimulatedNode> stuck = fleet.nodes().subList(0, 10);
            List<SimulatedNode> others = fleet.nodes().subList(10, 60);
            stuck.forEach(node -> node.stick(true));
            // Larger than what HTTP/2 and the sockets take for one that does not read.
            String large = new Random(7).ints(400_000).boxed().toList().toString();
            publish(Map.of("small", "1", "large", large));

            eventually(
                    PATIENCE,
                    () -> {
                        assertThat(streams.bytesInFlight())
                                .isLessThanOrEqualTo(BYTES_IN_FLIGHT_MAX);
                        assertThat(others).allMatch(node -> node.version() == 2);
                    });
            for (int version = 3; version <= 6; version++) {
                publish(Map.of("small", Integer.toString(version)));
            }
            eventually(PATIENCE, () -> assertThat(others).allMatch(node -> node.version() == 6));
            assertThat(stuck).allMatch(node -> node.version() == 1);

            stuck.forEach(node -> node.stick(false));
            eventually(PATIENCE, () -> assertThat(fleet.at(6)).isEqualTo(60));
            eventually(PATIENCE, () -> assertThat(streams.bytesInFlight()).isZero());
            assertThat(fleet.faults()).isEmpty();
        }
    }

    @Test
    void node_thatDoesNotRead_isLaggingThenDisconnected() throws Exception {
        publish(Map.of("small", "1"));
        serve(limits(NODES, Duration.ofSeconds(3)));
        try (var fleet = fleet(2, "127.0.0.1:" + port).build()) {
            connect(fleet, 1);
            SimulatedNode stuck = fleet.nodes().getFirst();
            stuck.stick(true);
            String large = new Random(7).ints(400_000).boxed().toList().toString();
            publish(Map.of("small", "1", "large", large));

            awaitState(stuck, NodeState.LAGGING);
            awaitState(stuck, NodeState.DISCONNECTED);
            // What it was to get before is not what it gets when it reads again.
            publish(Map.of("small", "3"));
            stuck.stick(false);
            eventually(PATIENCE, () -> assertThat(fleet.at(3)).isEqualTo(2));
            assertThat(fleet.faults()).isEmpty();
        }
    }

    private void awaitState(SimulatedNode node, NodeState state) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(streams.nodes().get(node.name()))
                                .isNotNull()
                                .extracting(NodeStatus::state)
                                .isEqualTo(state));
    }

    /// However the machine delays them, nobody is let in before the rate allows.
    private static void assertThatNodesCameApart(SimulatedFleet fleet) {
        List<Long> resumed =
                fleet.nodes().stream().map(SimulatedNode::resumedNanos).sorted().toList();
        long seconds = Duration.ofSeconds(1).toNanos();
        long last = resumed.getLast() - resumed.getFirst();
        // What is beyond the reserve comes at the rate.
        assertThat(last)
                .isGreaterThan((NODES - RESUMED_PER_SECOND) * seconds / RESUMED_PER_SECOND / 2);
        assertThat(fleet.refusals()).isPositive();
    }

    private SimulatedFleet.Builder fleet(int nodes, String endpoint) {
        return SimulatedFleet.of(
                        nodes,
                        address ->
                                NettyChannelBuilder.forTarget(address)
                                        .usePlaintext()
                                        .directExecutor()
                                        .build())
                .controlPlane(endpoint)
                .trusted(key.trusted());
    }

    private static void connect(SimulatedFleet fleet, long version) {
        fleet.connect(1_000);
        int nodes = fleet.nodes().size();
        eventually(PATIENCE, () -> assertThat(fleet.at(version)).isEqualTo(nodes));
        assertThat(fleet.wholeSnapshots()).isEqualTo(nodes);
    }

    private void serve(StreamLimits limits) throws IOException {
        streams =
                new SnapshotStreams(
                        published.reader(),
                        new StreamRules("test", RolloutPolicy.IMMEDIATE, limits),
                        FleetLink.NONE,
                        scheduler,
                        new Random(1));
        server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .addService(streams)
                        .build()
                        .start();
        port = requireNonNull(server).getPort();
        streams.target(published.reader().live().snapshot());
    }

    private void kill() throws InterruptedException {
        requireNonNull(server).shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        streams.close();
    }

    private void publish(Map<String, String> texts) {
        Snapshot snapshot = published.publish(texts);
        if (streams != null) {
            streams.target(snapshot);
        }
    }

    private static Map<String, String> apis(int count, int edition) {
        Map<String, String> texts = new HashMap<>();
        for (int i = 0; i < count; i++) {
            texts.put("api-" + i, Integer.toString(edition));
        }
        return texts;
    }

    private static StreamLimits limits(double perSecond, Duration disconnected) {
        return new StreamLimits(
                BYTES_IN_FLIGHT_MAX,
                perSecond,
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                disconnected,
                Duration.ofSeconds(10));
    }
}
