package io.mimicore.controlplane.builds;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.WorkerOffer;
import io.mimicore.controlplane.admin.BuildServiceEndpoint;
import io.mimicore.ir.Digest;
import io.mimicore.proto.admin.v1.Build;
import io.mimicore.proto.admin.v1.BuildServiceGrpc;
import io.mimicore.proto.admin.v1.GetBuildRequest;
import io.mimicore.proto.admin.v1.ListBuildsRequest;
import io.mimicore.proto.admin.v1.ListBuildsResponse;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import io.mimicore.testkit.InMemorySession;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The queue of builds as operators see it: the admin API and the gauges.
class BuildFleetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");
    private static final Digest KEY = Digest.of("key".getBytes(UTF_8));
    private static final Digest ARTIFACT = Digest.of("artifact".getBytes(UTF_8));

    private final InMemoryMetadataStore store = new InMemoryMetadataStore();
    private final InMemorySession session = store.session();
    private final AtomicLong nanos = new AtomicLong(5);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BuildFleet fleet = new BuildFleet(session, KEYS, nanos::get);

    @AfterEach
    void close() {
        fleet.close();
        store.close();
    }

    @Test
    void gauges_buildsAndWorkersComeAndGo_followTheStore() {
        state(new BuildState.Queued("", 0, 1));
        fleet.start();
        fleet.show(meters);
        awaitGauge("mimicore_builds", "state", "queued", 1);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
        state(new BuildState.Running(1, "w1", 2));
        awaitGauge("mimicore_builds", "state", "running", 1);
        awaitGauge("mimicore_builds", "state", "queued", 0);
        assertThat(gauge("mimicore_build_oldest_seconds")).isEqualTo(7);
        state(new BuildState.Done(ARTIFACT, 3, List.of(), 4, 1));
        awaitGauge("mimicore_builds", "state", "running", 0);
        assertThat(gauge("mimicore_build_oldest_seconds")).isZero();

        worker("w1", "go1.26.8");
        worker("w2", "go1.27.0");
        awaitGauge("mimicore_toolchain_versions", "toolchain", "go", 2);
        assertThat(gauge("mimicore_workers")).isEqualTo(2);
        store.commit(Transaction.builder().delete(KEYS.worker("w1")).build());
        awaitGauge("mimicore_toolchain_versions", "toolchain", "go", 1);
        assertThat(gauge("mimicore_workers")).isEqualTo(1);
    }

    @Test
    void gauges_storeIsDownAtTheStart_followOnceItIsThere() {
        session.disconnect("no route");
        fleet.show(meters);
        fleet.start();
        worker("w1", "go1.26.8");
        session.reconnect();

        eventually(PATIENCE, () -> assertThat(gauge("mimicore_workers")).isEqualTo(1));
    }

    @Test
    void listBuilds_nobodyCanBuild_saysWhy() throws Exception {
        store.commit(
                Transaction.builder()
                        .put(
                                KEYS.buildRequest(KEY),
                                BuildRecords.encode(new QueuedRequest("go", "go1.27.0", ARTIFACT)))
                        .build());
        state(new BuildState.Queued("no space left on device", 2, 1_700_000_000_500L));
        worker("w1", "go1.26.8");

        Build build = list().getBuilds(0);

        assertThat(build.getBlocked()).isEqualTo("no worker offers go go1.27.0");
        assertThat(build.getReason()).isEqualTo("no space left on device");
        assertThat(build.getStateTime().getSeconds()).isEqualTo(1_700_000_000L);
        assertThat(build.getStateTime().getNanos()).isEqualTo(500_000_000);

        worker("w2", "go1.27.0");
        assertThat(list().getBuilds(0).getBlocked()).as("it may be taken any moment").isEmpty();
    }

    @Test
    void getBuild_itsWorkerIsGone_saysSo() throws Exception {
        state(new BuildState.Running(1, "w1", 9));
        assertThat(get().getBlocked()).isEqualTo("worker w1 is gone, another will take it");

        store.commit(Transaction.builder().put(KEYS.buildOwner(KEY), "w1".getBytes(UTF_8)).build());
        assertThat(get().getBlocked()).isEmpty();

        state(new BuildState.Done(ARTIFACT, 3, List.of(), 4, 1));
        assertThat(get().getBlocked()).isEmpty();
        assertThat(get().hasStateTime()).isFalse();
    }

    @Test
    void listBuilds_workersDiffer_namesTheVersionThatBuildsGet() throws Exception {
        worker("w1", "go1.9.9");
        worker("w2", "go1.10.0");
        assertThat(list().getToolchainVersionsList())
                .extracting(version -> version.getVersion() + " " + version.getChosen())
                .as("of two the higher")
                .containsExactly("go1.9.9 false", "go1.10.0 true");

        worker("w3", "go1.9.9");
        assertThat(list().getToolchainVersionsList())
                .extracting(version -> version.getWorkers() + " " + version.getChosen())
                .as("the one most workers offer")
                .containsExactly("2 true", "1 false");
    }

    @Test
    void listBuilds_damagedWorkerRecord_isLeftOut() throws Exception {
        store.commit(Transaction.builder().put(KEYS.worker("w0"), new byte[] {1, 2}).build());
        worker("w1", "go1.26.8");

        assertThat(list().getWorkersList()).hasSize(1);
    }

    private ListBuildsResponse list() throws IOException {
        return call(stub -> stub.listBuilds(ListBuildsRequest.getDefaultInstance()));
    }

    private Build get() throws IOException {
        var request = GetBuildRequest.newBuilder().setName("builds/" + KEY.hex()).build();
        return call(stub -> stub.getBuild(request));
    }

    private <T> T call(Function<BuildServiceGrpc.BuildServiceBlockingStub, T> call)
            throws IOException {
        String name = InProcessServerBuilder.generateName();
        Server server =
                InProcessServerBuilder.forName(name)
                        .addService(new BuildServiceEndpoint(store, KEYS))
                        .build()
                        .start();
        ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
        try {
            return call.apply(BuildServiceGrpc.newBlockingStub(channel));
        } finally {
            channel.shutdownNow();
            server.shutdownNow();
        }
    }

    private void state(BuildState state) {
        store.commit(
                Transaction.builder()
                        .put(KEYS.buildState(KEY), BuildRecords.encode(state))
                        .build());
    }

    private void worker(String id, String version) {
        var offer = new WorkerOffer(id, List.of(new WorkerOffer.Toolchain("go", version)));
        store.commit(
                Transaction.builder().put(KEYS.worker(id), BuildRecords.encode(offer)).build());
    }

    private void awaitGauge(String name, String label, String value, double expected) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(meters.get(name).tag(label, value).gauge().value())
                                .isEqualTo(expected));
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }
}
