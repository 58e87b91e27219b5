package io.mimicore.system.fleet;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.process.StallableLink;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/// A fleet whose S3 is down, lies, or answers too late: a real MinIO and etcd, a worker, a control
/// plane and nodes.
class ArtifactOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;
    private Fleet fleet;
    private S3ArtifactStore artifacts;
    private GatedToolchain toolchain;

    @BeforeEach
    void open() throws Exception {
        fleet = Fleet.start(root);
        artifacts = fleet.artifacts();
        toolchain = new GatedToolchain(Files.createDirectories(root.resolve("gate")), 1);
        fleet.worker("worker", toolchain, 1);
    }

    @AfterEach
    void close() throws Exception {
        fleet.stop();
    }

    @Test
    void minioDown_servingAndRestartingNodesDoNotCareAndBuildsWait() throws Exception {
        ServingFleet serving = ServingFleet.start(fleet, root, artifacts);
        serving.write("api", 1);
        try (DataPlaneNode node = serving.node("n1")) {
            awaitAnswer(node, "1:42");
            Path file = onlyFile(root.resolve("n1/artifacts"));
            assertThat(Digest.of(Files.readAllBytes(file)).hex())
                    .as("fetched from MinIO by URL")
                    .isEqualTo(file.getFileName().toString());

            fleet.minio().kill();
            serving.write("api", 2);
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(states())
                                    .anySatisfy(state ->
                                            assertThat(state)
                                                    .startsWith("the artifact store failed: ")));
            assertThat(ServingFleet.answer(node, "api")).isEqualTo("1:42");
        }
        try (DataPlaneNode again = serving.node("n1")) {
            assertThat(ServingFleet.answer(again, "api")).as("from its disk").isEqualTo("1:42");
            fleet.minio().start();
            awaitAnswer(again, "2:42");
        }
    }

    /// Between what was published and what nodes fetch.
    @Test
    void minioDownForANewNode_versionIsRejectedAndServedSoonAfterItIsBack() throws Exception {
        ServingFleet serving = ServingFleet.start(fleet, root, artifacts);
        serving.write("api", 1);
        try (DataPlaneNode warm = serving.node("warm")) {
            awaitAnswer(warm, "1:42");
            fleet.minio().kill();
            try (DataPlaneNode fresh = serving.node("fresh")) {
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(serving.problem("fresh"))
                                        .startsWith("ARTIFACT_UNAVAILABLE: ")
                                        .contains("cannot be had"));
                assertThat(fresh.whyNotReady()).isNotEmpty();
                fleet.minio().start();
                awaitAnswer(fresh, "1:42");
                assertThat(ServingFleet.answer(warm, "api")).isEqualTo("1:42");
            }
        }
    }

    @Test
    void damagedObject_isNeverServedAndFetchedAgainOnceItIsMended() throws Exception {
        ServingFleet serving = ServingFleet.start(fleet, root, artifacts);
        serving.write("api", 1);
        try (DataPlaneNode warm = serving.node("warm")) {
            awaitAnswer(warm, "1:42");
        }
        Digest digest = artifacts.list().getFirst().digest();
        byte[] right;
        try (InputStream stored = Objects.requireNonNull(artifacts.open(digest))) {
            right = stored.readAllBytes();
        }
        byte[] wrong = right.clone();
        wrong[wrong.length / 2] ^= 1;
        overwrite(digest, wrong);
        assertThat(artifacts.contains(digest)).as("another content counts as absent").isFalse();
        try (DataPlaneNode fresh = serving.node("fresh")) {
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(serving.problem("fresh"))
                                    .startsWith("ARTIFACT_UNAVAILABLE: ")
                                    .contains("came with other content"));
            assertThat(root.resolve("fresh/artifacts").resolve(digest.hex())).doesNotExist();

            // The same build, asked for again by whoever compiles the file anew.
            FutureTask<BuildOutcome> again = Fleet.ask(fleet.queue(), "package main // 1");
            assertThat(again.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            BuildOutcome.Built.class,
                            built -> assertThat(built.artifact()).isEqualTo(digest));

            awaitAnswer(fresh, "1:42");
        }
        assertThat(toolchain.compiled()).as("built again, as the object was none").isEqualTo(2);
    }

    @Test
    void urlThatHasExpired_nodeAsksAgain() throws Exception {
        FutureTask<BuildOutcome> build = Fleet.ask(fleet.queue(), "package main // 1");
        var built = (BuildOutcome.Built) build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        URI expired =
                Objects.requireNonNull(artifacts.presign(built.artifact(), Duration.ofSeconds(1)));
        try (HttpClient client = HttpClient.newHttpClient()) {
            var get = HttpRequest.newBuilder(expired).build();
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(
                                            client.send(get, HttpResponse.BodyHandlers.discarding())
                                                    .statusCode())
                                    .isEqualTo(403));
        }
        var scripted = new ScriptedArtifacts(artifacts, List.of(expired));
        ServingFleet serving = ServingFleet.start(fleet, root, scripted);
        serving.write("api", 1);
        try (DataPlaneNode node = serving.node("n1")) {
            awaitAnswer(node, "1:42");
        }
        assertThat(scripted.presigned()).as("the first URL was tried").isPositive();
        assertThat(serving.problem("n1")).as("no version was rejected for it").isEmpty();
    }

    @Test
    void minioKilledInTheMiddleOfAPut_leavesNothingAndTheBuildIsDoneOnceItIsBack()
            throws Exception {
        try (StallableLink link = StallableLink.to(fleet.s3Port());
                S3ArtifactStore slow = FleetStores.s3(URI.create("http://" + link.endpoint()))) {
            byte[] content = new byte[8 * 1024 * 1024];
            link.stall();
            var put = new FutureTask<>(() -> slow.put(content));
            Thread.ofVirtual().start(put);
            eventually(PATIENCE, () -> assertThat(link.isHolding()).isTrue());
            fleet.minio().kill();
            link.goOn();
            fleet.minio().start();
            // The SDK's own retries may reach the new process, or not.
            ArtifactStore.Stored stored = eventuallyStored(put, () -> slow.put(content));
            assertThat(stored.digest()).isEqualTo(Digest.of(content));
            assertThat(artifacts.contains(stored.digest())).isTrue();
            assertThat(artifacts.list()).hasSize(1);
        }
    }

    @Test
    void bucketThatDoesNotExist_buildWaitsAndSaysSo() throws Exception {
        fleet.minio().kill();
        remove(fleet.minio().data().resolve(FleetStores.BUCKET));
        fleet.minio().start();
        FutureTask<BuildOutcome> build = Fleet.ask(fleet.queue(), "package main // 1");
        eventually(
                PATIENCE,
                () ->
                        assertThat(states())
                                .singleElement()
                                .satisfies(reason ->
                                        assertThat(reason)
                                                .contains("bucket '" + FleetStores.BUCKET)
                                                .containsIgnoringCase("does not exist")));
        fleet.minio().kill();
        Files.createDirectories(fleet.minio().data().resolve(FleetStores.BUCKET));
        fleet.minio().start();

        assertThat(build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(BuildOutcome.Built.class);
    }

    /// As whoever may write to the bucket could: without the checksum that the store puts.
    private void overwrite(Digest digest, byte[] content) {
        try (S3Client client = FleetStores.client(fleet.minio().endpoint())) {
            client.putObject(
                    put ->
                            put.bucket(FleetStores.BUCKET)
                                    .key(FleetStores.CLUSTER + "/artifact/" + digest.hex()),
                    RequestBody.fromBytes(content));
        }
    }

    private interface Put {
        ArtifactStore.Stored put();
    }

    private static ArtifactStore.Stored eventuallyStored(
            FutureTask<ArtifactStore.Stored> first, Put again) throws Exception {
        try {
            return first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(io.mimicore.store.StoreException.class);
            return again.put();
        }
    }

    /// The reasons of all builds that wait again.
    private List<String> states() {
        MetadataStore store = fleet.store();
        return store.list(FleetStores.KEYS.builds()).entries().stream()
                .filter(entry -> entry.key().endsWith("/state"))
                .map(entry -> BuildRecords.decodeState(entry.value()))
                .map(state -> state instanceof BuildState.Queued queued ? queued.reason() : "")
                .toList();
    }

    private void awaitAnswer(DataPlaneNode node, String answer) {
        eventually(PATIENCE, () -> assertThat(ServingFleet.answer(node, "api")).isEqualTo(answer));
    }

    private static Path onlyFile(Path directory) throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> found = files.toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static void remove(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
