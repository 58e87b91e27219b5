package io.mimicore.controlplane;

import static io.mimicore.testkit.Eventually.eventually;
import static io.mimicore.testkit.Eventually.eventuallyGet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildOutcome;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.catalog.FirstPublish;
import io.mimicore.controlplane.retention.Retention;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Digest;
import io.mimicore.proto.admin.v1.DrainNodeRequest;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.proto.admin.v1.Node;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way of a file from its directory to a node, everything joined.
class ControlPlaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final ClusterKey key = ClusterKey.generate();
    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final FakeBuildQueue builds = new FakeBuildQueue();
    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, List<Diagnostic>> problems = new ConcurrentHashMap<>();

    @TempDir Path root;
    private Path configs;

    @BeforeEach
    void makeDirectory() throws IOException {
        configs = Files.createDirectory(root.resolve("configs"));
    }

    @Test
    void file_saved_becomesActiveOnNode() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(1, 1, 0));
            try (var node = running.connect("n1")) {
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
                write("other.json", api("other", "/o"));
                eventually(
                        PATIENCE, () -> assertThat(node.apis()).containsExactly("hello", "other"));
                assertThat(node.version()).isEqualTo(2);
                Files.delete(configs.resolve("hello.json"));
                eventually(PATIENCE, () -> assertThat(node.apis()).containsExactly("other"));
                assertThat(node.faults()).isEmpty();
            }
        }
    }

    @Test
    void files_manyAtTheStart_areFewVersions() throws IOException, InterruptedException {
        for (int i = 0; i < 30; i++) {
            write("a" + i + ".json", api("a" + i, "/x"));
        }
        try (var running = start(configs)) {
            FirstPublish first = running.first();
            assertThat(first).isNotNull();
            // One, unless this machine is so busy that the first files have had their time.
            assertThat(first == null ? 0 : first.version()).isBetween(1L, 3L);
            assertThat(first == null ? 0 : first.apis()).isEqualTo(30);
        }
    }

    @Test
    void file_thatIsWrong_keepsWhatIsLiveAndIsShown() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var running = start(configs)) {
            running.first();
            write("hello.json", api("hello", "no-slash"));

            String name = configs.resolve("hello.json").toString();
            eventually(PATIENCE, () -> assertThat(problems.get(name)).isNotEmpty());
            CatalogView.Api shown =
                    eventuallyGet(
                            PATIENCE,
                            () -> {
                                CatalogView.Api api = running.view().apis().get("hello");
                                assertThat(api).isNotNull();
                                assertThat(api.problems()).isNotEmpty();
                                return api;
                            });
            assertThat(shown.liveVersion()).isEqualTo(1);
            assertThat(gauge("mimicore_config_problems", "source", source().value())).isEqualTo(1);

            write("hello.json", api("hello", "/hi"));
            eventually(PATIENCE, () -> assertThat(problems.get(name)).isEmpty());
            assertThat(running.version()).isEqualTo(1);
            assertThat(gauge("mimicore_config_problems", "source", source().value())).isZero();
        }
    }

    @Test
    void listener_thatFails_doesNotEndTheCatalog() throws IOException, InterruptedException {
        write("unlucky.json", "{}");
        try (var running = start(configs)) {
            running.first();
            String unlucky = configs.resolve("unlucky.json").toString();
            eventually(PATIENCE, () -> assertThat(problems).containsKey(unlucky));

            write("hello.json", api("hello", "/hi"));

            eventually(PATIENCE, () -> assertThat(running.view().apis()).containsKey("hello"));
        }
    }

    @Test
    void directory_thatIsEmpty_isPublishedAsEmpty() throws IOException, InterruptedException {
        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(1, 0, 0));
            try (var node = running.connect("n1")) {
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
            }
        }
    }

    @Test
    void directory_thatIsNotThere_publishesNothingAndIsReported()
            throws IOException, InterruptedException {
        Path absent = root.resolve("absent");
        try (var running = start(absent)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(0, 0, 1));
            assertThat(problems.get(absent.toString()))
                    .extracting(Diagnostic::code)
                    .containsExactly(DiagnosticCode.SOURCE_ALARM);
            assertThat(running.version()).isZero();

            Files.createDirectory(absent);
            Files.writeString(absent.resolve("hello.json"), api("hello", "/hi"));
            eventually(PATIENCE, () -> assertThat(running.version()).isEqualTo(1));
            assertThat(running.view().apis().keySet()).containsExactly("hello");
        }
    }

    @Test
    void files_unchangedAtARestart_areNeitherBuiltNorPublishedAgain()
            throws IOException, InterruptedException {
        buildAnything();
        write("plain.json", api("plain", "/p"));
        write("code.json", code("code", "package main"));
        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(1, 2, 0));
        }
        assertThat(builds.builds()).isEqualTo(1);
        store.takeCommitted();

        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(1, 2, 0));
        }

        assertThat(builds.builds()).isEqualTo(1);
        // Only the keys of who leads and who is there.
        assertThat(store.takeCommitted())
                .flatExtracting(transaction -> transaction.then())
                .allSatisfy(operation ->
                        assertThat(operation.key()).containsAnyOf("/lead/", "/replica/"));
    }

    @Test
    void artifact_lostWhileDown_isBuiltAgain() throws IOException, InterruptedException {
        buildAnything();
        write("code.json", code("code", "package main"));
        try (var running = start(configs)) {
            running.first();
        }
        artifacts.list().forEach(artifact -> artifacts.delete(artifact.digest()));

        try (var running = start(configs)) {
            running.first();
        }

        assertThat(builds.builds()).isEqualTo(2);
    }

    @Test
    void changes_whileDown_areFoundAtTheStart() throws IOException, InterruptedException {
        write("gone.json", api("gone", "/g"));
        write("kept.json", api("kept", "/k"));
        write("edited.json", api("edited", "/e"));
        try (var running = start(configs)) {
            running.first();
        }
        Files.delete(configs.resolve("gone.json"));
        write("edited.json", api("edited", "/e2"));

        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(2, 2, 0));
            assertThat(running.view().apis().keySet()).containsExactly("edited", "kept");
            assertThat(running.liveVersion("kept")).isEqualTo(1);
            assertThat(running.liveVersion("edited")).isEqualTo(2);
        }
    }

    @Test
    void codeFile_changed_isBuiltAndPublishedAgain() throws IOException, InterruptedException {
        buildAnything();
        Files.writeString(configs.resolve("main.go"), "package main");
        write("code.json", codeFile("code", "main.go"));
        try (var running = start(configs)) {
            assertThat(running.first()).isEqualTo(new FirstPublish(1, 1, 0));
            Files.writeString(configs.resolve("main.go"), "package main // changed");

            eventually(PATIENCE, () -> assertThat(running.version()).isEqualTo(2));
            assertThat(running.view().problems()).isEmpty();
        }
    }

    @Test
    void files_lostAllAtOnce_stayLiveUntilConfirmed() throws IOException, InterruptedException {
        for (int i = 0; i < 6; i++) {
            write("a" + i + ".json", api("a" + i, "/x"));
        }
        try (var running = start(configs)) {
            running.first();
            for (int i = 0; i < 6; i++) {
                Files.delete(configs.resolve("a" + i + ".json"));
            }
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(running.view().problems())
                                    .extracting(Diagnostic::code)
                                    .contains(DiagnosticCode.SOURCE_ALARM));
            assertThat(running.version()).isEqualTo(1);

            assertThat(running.plane.confirmRemoval(source()).join()).isEqualTo(6);
            eventually(PATIENCE, () -> assertThat(running.version()).isEqualTo(2));
            eventually(PATIENCE, () -> assertThat(running.view().apis()).isEmpty());
        }
    }

    @Test
    void store_downForAWhile_holdsUpPublishingOnly() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var running = start(configs)) {
            running.first();
            eventually(PATIENCE, () -> assertThat(running.version()).isEqualTo(1));
            store.down(true);
            write("other.json", api("other", "/o"));
            eventually(PATIENCE, () -> assertThat(running.view().apis()).containsKey("other"));
            try (var node = running.connect("late")) {
                // What was read before is still offered: its content is in memory.
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
                store.down(false);
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(2));
            }
        }
    }

    @Test
    void leader_thatStops_isFollowedByTheNextWithTheSameState()
            throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        Running first = start(configs);
        first.first();
        try (var second = start(configs);
                var node = second.connect("n1")) {
            // A replica that does not lead serves its nodes all the same.
            eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
            assertThat(second.plane.catalogView()).isNull();
            first.close();

            eventually(PATIENCE, () -> assertThat(second.plane.catalogView()).isNotNull());
            write("other.json", api("other", "/o"));
            eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(2));
            assertThat(node.faults()).isEmpty();
        }
    }

    @Test
    void version_thatANodeOfAFollowerRuns_isKeptUntilTheNodeIsGone()
            throws IOException, InterruptedException {
        write("hello.json", api("hello", "/1"));
        var one = new Retention(1, Retention.GRACE_MIN);
        Running leader = start(configs, one);
        leader.first();
        try (leader;
                var follower = start(configs, one)) {
            FakeNode node = follower.connect("n1");
            eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
            node.fallSilent(true);
            for (int edit = 2; edit <= 5; edit++) {
                long version = edit;
                write("hello.json", api("hello", "/" + edit));
                eventually(PATIENCE, () -> assertThat(leader.version()).isEqualTo(version));
                eventually(PATIENCE, () -> assertThat(follower.version()).isEqualTo(version));
            }

            // It runs the first; the fifth is the target.
            eventually(
                    PATIENCE, () -> assertThat(versions()).contains(1L, 5L).doesNotContain(3L, 4L));
            node.close();

            eventually(PATIENCE, () -> assertThat(versions()).containsExactly(5L));
        }
    }

    @Test
    void nodes_ofAnyReplica_areShownAndDrainedByEach() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var leader = start(configs)) {
            leader.first();
            try (var follower = start(configs);
                    var one = leader.connect("one");
                    var two = follower.connect("two")) {
                for (Running asked : List.of(leader, follower)) {
                    eventually(
                            PATIENCE,
                            () ->
                                    assertThat(asked.nodes())
                                            .extracting(Node::getName, Node::getState)
                                            .containsExactly(
                                                    tuple("nodes/one", Node.State.IN_SYNC),
                                                    tuple("nodes/two", Node.State.IN_SYNC)));
                    eventually(
                            PATIENCE,
                            () ->
                                    assertThat(asked.nodes())
                                            .extracting(Node::getVersion)
                                            .containsExactly(1L, 1L));
                }

                leader.drain("two", false);
                eventually(PATIENCE, () -> assertThat(two.isDraining()).isTrue());
                follower.drain("one", false);
                eventually(PATIENCE, () -> assertThat(one.isDraining()).isTrue());
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(leader.nodes())
                                        .extracting(Node::getDrain)
                                        .containsOnly(Node.Drain.DRAINING));
                leader.drain("two", true);
                eventually(PATIENCE, () -> assertThat(two.isDraining()).isFalse());
                assertThat(one.isDraining()).isTrue();
            }
        }
    }

    private List<Long> versions() {
        return store.list(KEYS.versions()).entries().stream()
                .map(entry -> Long.parseLong(entry.key().substring(KEYS.versions().length())))
                .toList();
    }

    @Test
    void health_followsTheState() throws IOException, InterruptedException {
        store.down(true);
        try (var running = start(configs)) {
            assertThat(running.health()).isEqualTo(ServingStatus.NOT_SERVING);

            store.down(false);
            running.first();
            eventually(
                    PATIENCE, () -> assertThat(running.health()).isEqualTo(ServingStatus.SERVING));
        }
    }

    @Test
    void metrics_showLeaderVersionAndNodes() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var running = start(configs)) {
            running.first();
            try (var node = running.connect("n1")) {
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
                eventually(
                        PATIENCE,
                        () -> assertThat(gauge("mimicore_nodes", "state", "in_sync")).isEqualTo(1));
            }
            assertThat(meters.get("mimicore_leader").gauge().value()).isEqualTo(1);
            assertThat(meters.get("mimicore_snapshot_target_version").gauge().value()).isEqualTo(1);
        }
    }

    private double gauge(String name, String tag, String value) {
        return meters.get(name).tag(tag, value).gauge().value();
    }

    private void buildAnything() {
        builds.answer(source -> {
            Digest artifact = artifacts.put(source).digest();
            return new BuildOutcome.Built(Digest.of(source, source), artifact, List.of());
        });
    }

    private SourceId source() {
        return SourceId.directory(configs);
    }

    private Running start(Path directory) throws IOException {
        return start(directory, Retention.DEFAULT);
    }

    private Running start(Path directory, Retention retention) throws IOException {
        ControlPlane plane =
                ControlPlane.builder()
                        .store(store, KEYS)
                        .artifacts(artifacts)
                        .builds(builds)
                        .clusterKey(key)
                        .directory(directory)
                        .registry(meters)
                        .problems(this::listen)
                        .retention(retention)
                        .build();
        return new Running(plane, key);
    }

    private void listen(String file, List<Diagnostic> found) {
        problems.put(file, found);
        if (file.endsWith("unlucky.json")) {
            throw new IllegalStateException("the listener fails in this test");
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(configs.resolve(name), text);
    }

    private static String api(String name, String path) {
        return """
        {"api": "%s", "version": "v2", "routes": [
          {"method": "GET", "path": "%s", "response": {"status": 200, "body": {"ok": true}}}]}
        """
                .formatted(name, path);
    }

    private static String code(String name, String source) {
        return withCode(name, "\"inline_source\": \"" + source + "\"");
    }

    private static String codeFile(String name, String path) {
        return withCode(name, "\"source\": \"" + path + "\"");
    }

    private static String withCode(String name, String code) {
        return api(name, "/c").replace("\"routes\"", "\"user_code\": {" + code + "}, \"routes\"");
    }

    /// A control plane behind an in-process server.
    private static final class Running implements AutoCloseable {
        private final ControlPlane plane;
        private final ClusterKey key;
        private final Server server;
        private final ManagedChannel channel;

        Running(ControlPlane plane, ClusterKey key) throws IOException {
            this.plane = plane;
            this.key = key;
            String name = InProcessServerBuilder.generateName();
            InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
            plane.streamServices().forEach(builder::addService);
            plane.adminServices().forEach(builder::addService);
            this.server = builder.build().start();
            this.channel = InProcessChannelBuilder.forName(name).build();
            plane.start();
        }

        @Nullable FirstPublish first() throws InterruptedException {
            return plane.awaitFirstPublish(PATIENCE);
        }

        /// Connects a node once its stream will not be refused.
        FakeNode connect(String name) {
            eventually(PATIENCE, () -> assertThat(health()).isEqualTo(ServingStatus.SERVING));
            FakeNode node = new FakeNode(name, key.trusted());
            node.connect(channel);
            return node;
        }

        CatalogView view() {
            CatalogView view = plane.catalogView();
            assertThat(view).isNotNull();
            return view == null ? CatalogView.EMPTY : view;
        }

        List<Node> nodes() {
            return FleetServiceGrpc.newBlockingStub(channel)
                    .listNodes(ListNodesRequest.getDefaultInstance())
                    .getNodesList();
        }

        void drain(String node, boolean undo) {
            var request =
                    DrainNodeRequest.newBuilder().setName("nodes/" + node).setUndo(undo).build();
            assertThat(FleetServiceGrpc.newBlockingStub(channel).drainNode(request).getName())
                    .isEqualTo("nodes/" + node);
        }

        long liveVersion(String api) {
            CatalogView.Api shown = view().apis().get(api);
            return shown == null ? -1 : shown.liveVersion();
        }

        long version() {
            var newest = plane.newest();
            return newest == null ? 0 : newest.version();
        }

        ServingStatus health() {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        }

        @Override
        public void close() {
            plane.close();
            channel.shutdownNow();
            server.shutdownNow();
        }
    }
}
