package io.mimicore.dataplane.snapshot;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.dataplane.limit.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A snapshot client with its disk and a control plane to speak to.
final class ClientFixture implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final Versions versions;
    final FakeControlPlane controlPlane;
    final ScriptedSource source;
    final FakePreparer preparer;
    final List<Boolean> drained = new CopyOnWriteArrayList<>();
    final List<Long> appliedNanos = new CopyOnWriteArrayList<>();
    private final SnapshotClient client;
    private volatile TrafficTotals totals = TrafficTotals.NONE;

    /// What a client is made with.
    ///
    /// @param state where its disk is
    record Setup(
            Path state,
            Versions versions,
            FakeControlPlane controlPlane,
            ScriptedSource source,
            Ticker ticker,
            RandomGenerator random) {
        static Setup in(Path state) throws IOException {
            return new Setup(
                    state,
                    new Versions(),
                    new FakeControlPlane().start(),
                    new ScriptedSource(),
                    Ticker.SYSTEM,
                    new java.util.Random(1));
        }

        Setup with(ManualTicker manual) {
            return new Setup(state, versions, controlPlane, source, manual, random);
        }

        Setup with(RandomGenerator generator) {
            return new Setup(state, versions, controlPlane, source, ticker, generator);
        }

        ClientFixture client() {
            return client(controlPlane::channel);
        }

        ClientFixture client(Supplier<Channel> channel) {
            return client(new ControlPlanes(List.of(new ControlPlanes.Link("", channel))));
        }

        ClientFixture client(ControlPlanes controlPlanes) {
            return new ClientFixture(this, controlPlanes);
        }
    }

    private ClientFixture(Setup setup, ControlPlanes controlPlanes) {
        this.versions = setup.versions();
        this.controlPlane = setup.controlPlane();
        this.source = setup.source();
        Path slots = setup.state().resolve("snapshots");
        var trusted = versions.key().trusted();
        var artifacts = new ArtifactCache(setup.state().resolve("artifacts"), trusted, source);
        this.preparer = new FakePreparer(artifacts);
        var disk =
                new NodeDisk(
                        new SlotStore(slots, trusted),
                        new CrashGuard(slots, setup.ticker()),
                        artifacts);
        var identity = new NodeIdentity("n1", "boot", "test", Map.of("zone", "b"), "prod");
        var signals = new NodeSignals(() -> totals, appliedNanos::add, drained::add);
        this.client =
                new SnapshotClient(
                        new SnapshotClient.Environment(
                                identity, controlPlanes, signals, setup.ticker()),
                        disk,
                        preparer,
                        new OfferRules(trusted, SnapshotLimits.ofHeap(1L << 30)),
                        setup.random());
    }

    ClientFixture loadFromDisk() throws InterruptedException {
        client.loadFromDisk();
        return this;
    }

    /// Starts as a node does.
    ClientFixture start() throws InterruptedException {
        client.loadFromDisk();
        client.follow();
        return this;
    }

    SnapshotClient client() {
        return client;
    }

    /// What the node has counted from now on.
    void count(TrafficTotals counted) {
        totals = counted;
    }

    /// Waits for what the preparer has to do.
    void awaitHistory(String... events) {
        eventually(PATIENCE, () -> assertThat(preparer.history()).containsExactly(events));
    }

    @Override
    public void close() {
        client.close();
    }
}
