package io.mimicore.compiler.worker;

import static io.mimicore.compiler.worker.WorkerFixture.KEYS;
import static io.mimicore.compiler.worker.WorkerFixture.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.SourceProblem;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.build.WorkerOffer;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import io.mimicore.config.CodeSource;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemorySession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The asking side, with the worker's side beside it.
class StoreBuildQueueTest {
    private static final String SOURCE = "package main\n";
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir private Path directory;
    private WorkerFixture fleet;

    StoreBuildQueueTest() {
        directory = Path.of("");
        fleet = new WorkerFixture(Path.of("target", "unused-artifacts"));
    }

    @BeforeEach
    void open() {
        fleet = new WorkerFixture(directory);
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void build_noWorker_isUnavailableAndSaysWhatIsMissing() throws Exception {
        BuildOutcome outcome =
                fleet.queue(PATIENCE, SHORT)
                        .build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.AUTO);

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome.Unavailable(
                                "no compiler worker offers the toolchain go (none is registered);"
                                        + " start one on a machine with Go 1.24 or newer"));
        assertThat(fleet.state(SOURCE)).as("queued for nobody").isNull();
    }

    @Test
    void build_noWorkerWithThatToolchain_namesThoseThereAre() throws Exception {
        register("w1", "wasm", "chicory 1.7.5");

        BuildOutcome outcome =
                fleet.queue(PATIENCE, SHORT)
                        .build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.TINYGO);

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome.Unavailable(
                                "no compiler worker offers the toolchain tinygo (registered: w1"
                                        + " with wasm chicory 1.7.5); start one on a machine with"
                                        + " TinyGo, or use the toolchain go"));
    }

    @Test
    void build_workerComesLater_isBuilt() throws Exception {
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);

        fleet.startWorker("w1", new ScriptedToolchain());

        assertThat(asker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void build_differentLineEnds_isOneProgram() throws Exception {
        var toolchain = new ScriptedToolchain();
        fleet.startWorker("w1", toolchain);

        BuildOutcome unix = build("package main\n\nfunc f() {}\n");
        BuildOutcome windows = build("package main\r\n\r\nfunc f() {}\r\n");

        assertThat(windows).isEqualTo(unix);
        assertThat(toolchain.compiled()).isEqualTo(1);
    }

    @Test
    void build_artifactIsGone_isBuiltAgain() throws Exception {
        var toolchain = new ScriptedToolchain();
        fleet.startWorker("w1", toolchain);
        var built = (BuildOutcome.Built) build(SOURCE);
        fleet.artifacts.delete(built.artifact());

        BuildOutcome again = build(SOURCE);

        assertThat(again).isEqualTo(built);
        assertThat(fleet.artifacts.contains(built.artifact())).isTrue();
        assertThat(toolchain.compiled()).isEqualTo(2);
    }

    @Test
    void build_doneLongAgo_isWrittenAnewSoThatItIsNoGarbage() throws Exception {
        fleet.startWorker("w1", new ScriptedToolchain());
        BuildOutcome first = fleet.ask(fleet.queue(), "p").get();
        String state = WorkerFixture.KEYS.buildState(((BuildOutcome.Built) first).key());
        long before = java.util.Objects.requireNonNull(fleet.store.get(state)).modRevision();

        assertThat(fleet.ask(fleet.queue(), "p").get()).isEqualTo(first);

        assertThat(java.util.Objects.requireNonNull(fleet.store.get(state)).modRevision())
                .isGreaterThan(before);
    }

    @Test
    void build_longerThanItsPatience_isUnavailableAndSaysWhere() throws Exception {
        var slow = new ScriptedToolchain().held();
        fleet.startWorker("w1", slow);

        BuildOutcome outcome =
                fleet.queue(Duration.ofSeconds(2), PATIENCE)
                        .build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.GO);
        slow.release();

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome.Unavailable(
                                "not built within 2 s: worker w1 is at attempt 1"));
    }

    @Test
    void build_registeredWorkerTakesNothing_isUnavailableAndSaysSo() throws Exception {
        register("w1", "go", "go1.26.8");

        BuildOutcome outcome =
                fleet.queue(SHORT, PATIENCE)
                        .build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.GO);

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome.Unavailable(
                                "not built within 0 s: no worker with go1.26.8 has taken it"
                                        + " (registered: w1 with go go1.26.8)"));
    }

    @Test
    void build_severalVersions_takesTheOneMostWorkersOffer() throws Exception {
        register("w1", "go", "go1.26.9");
        register("w2", "go", "go1.26.10");
        register("w3", "go", "go1.27.0");
        register("w4", "go", "go1.26.9");

        queueBriefly();
        assertThat(queued("go1.26.9")).isTrue();

        register("w5", "go", "go1.26.10");
        queueBriefly();
        assertThat(queued("go1.26.10")).as("of two the higher").isTrue();
    }

    @Test
    void build_storeFails_isUnavailable() throws Exception {
        InMemorySession session = fleet.store.session();
        StoreBuildQueue queue = StoreBuildQueue.builder(session, KEYS, fleet.artifacts).build();
        session.disconnect("no route");

        BuildOutcome outcome =
                queue.build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.AUTO);

        assertThat(outcome).isEqualTo(new BuildOutcome.Unavailable("the store failed: no route"));
    }

    @Test
    void build_tooLargeSource_isRejected() throws Exception {
        BuildOutcome outcome =
                fleet.queue()
                        .build(
                                new byte[BuildRequest.SOURCE_BYTES_MAX + 1],
                                true,
                                CodeSource.Toolchain.AUTO);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BuildOutcome.Rejected.class,
                        rejected ->
                                assertThat(rejected.problems())
                                        .extracting(SourceProblem::code)
                                        .containsExactly("BUILD_SOURCE_TOO_LARGE"));
    }

    @Test
    void build_tinygoIsTheDefault_autoMeansIt() throws Exception {
        register("w1", "tinygo", "tinygo0.39.0");
        StoreBuildQueue queue =
                StoreBuildQueue.builder(fleet.store.session(), KEYS, fleet.artifacts)
                        .defaultToolchain("tinygo")
                        .buildPatience(SHORT)
                        .build();

        BuildOutcome outcome =
                queue.build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.AUTO);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BuildOutcome.Unavailable.class,
                        late -> assertThat(late.reason()).contains("tinygo0.39.0"));
    }

    @Test
    void records_damagedState_isAStoreFailure() {
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                                () -> BuildRecords.decodeState(new byte[] {1, 2, 3})))
                .isInstanceOf(StoreException.class);
        assertThat(
                        BuildRecords.decodeState(
                                BuildRecords.encode(new BuildState.Running(3, "w1", 9))))
                .isEqualTo(new BuildState.Running(3, "w1", 9));
    }

    private BuildOutcome build(String source) throws InterruptedException {
        return fleet.queue().build(source.getBytes(UTF_8), false, CodeSource.Toolchain.AUTO);
    }

    private void queueBriefly() throws InterruptedException {
        fleet.queue(SHORT, PATIENCE)
                .build(SOURCE.getBytes(UTF_8), false, CodeSource.Toolchain.AUTO);
    }

    private boolean queued(String version) {
        var key = new BuildRequest("go", version, SOURCE.getBytes(UTF_8)).key();
        return fleet.store.get(KEYS.buildState(key)) != null;
    }

    private void register(String id, String toolchain, String version) {
        var offer = new WorkerOffer(id, List.of(new WorkerOffer.Toolchain(toolchain, version)));
        fleet.store.commit(
                Transaction.builder().put(KEYS.worker(id), BuildRecords.encode(offer)).build());
    }
}
