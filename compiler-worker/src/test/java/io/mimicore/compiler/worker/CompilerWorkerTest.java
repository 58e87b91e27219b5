package io.mimicore.compiler.worker;

import static io.mimicore.compiler.worker.WorkerFixture.KEYS;
import static io.mimicore.compiler.worker.WorkerFixture.PATIENCE;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.build.WorkerOffer;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.Compilation;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.Objects;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemorySession;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerWorkerTest {
    private static final String SOURCE = "package main\n";
    private static final SourceProblem PROBLEM =
            new SourceProblem(2, 5, "GO_COMPILE", "undefined: x", "declare it");

    @TempDir private Path directory;
    private WorkerFixture fleet;

    CompilerWorkerTest() {
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
    void build_rightProgram_isPublishedSigned() throws Exception {
        fleet.startWorker("w1", new ScriptedToolchain());

        BuildOutcome outcome = get(fleet.ask(fleet.queue(), SOURCE));

        var doubled =
                new FunctionSignature.Numeric(
                        "double", List.of(NumericType.INT32), NumericType.INT32);
        assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
        var built = (BuildOutcome.Built) outcome;
        assertThat(built.key()).isEqualTo(WorkerFixture.keyOf(SOURCE));
        assertThat(built.functions()).containsExactly(doubled);
        try (InputStream stored = fleet.artifacts.open(built.artifact())) {
            assertThat(stored).isNotNull();
            Artifact artifact = ArtifactCodec.decode(stored.readAllBytes(), fleet.signer.trusted());
            assertThat(artifact.manifest().buildKey()).isEqualTo(built.key());
            assertThat(artifact.manifest().functions()).containsExactly(doubled);
            assertThat(artifact.manifest().runtime()).isEqualTo("chicory 1.7.5");
            assertThat(artifact.module()).isEqualTo(ScriptedToolchain.module());
        }
        assertCounted("done", 1);
        eventually(
                PATIENCE,
                () ->
                        assertThat(fleet.meters.get("mimicore.build.seconds").timer().count())
                                .isEqualTo(1));
    }

    @Test
    void build_fiftyAskersTenApisFiveWorkers_compilesOnce() throws Exception {
        var toolchain = new ScriptedToolchain().held();
        for (int i = 1; i <= 5; i++) {
            fleet.startWorker("w" + i, toolchain);
        }
        List<FutureTask<BuildOutcome>> askers = new ArrayList<>();
        for (int asker = 0; asker < 50; asker++) {
            StoreBuildQueue queue = fleet.queue();
            for (int api = 0; api < 10; api++) {
                askers.add(fleet.ask(queue, SOURCE));
            }
        }
        toolchain.awaitBegun();
        toolchain.release();

        Set<BuildOutcome> outcomes = new HashSet<>();
        for (FutureTask<BuildOutcome> asker : askers) {
            outcomes.add(get(asker));
        }

        assertThat(outcomes).hasSize(1).allMatch(BuildOutcome.Built.class::isInstance);
        assertThat(toolchain.compiled()).isEqualTo(1);
        assertThat(fleet.artifacts.list()).hasSize(1);
        assertThat(fleet.store.get(KEYS.buildOwner(WorkerFixture.keyOf(SOURCE)))).isNull();
    }

    @Test
    void build_differentPrograms_areAllBuilt() throws Exception {
        var toolchain = new ScriptedToolchain();
        fleet.startWorker("w1", toolchain);
        fleet.startWorker("w2", toolchain);
        List<FutureTask<BuildOutcome>> askers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            askers.add(fleet.ask(fleet.queue(), SOURCE + "// " + i + "\n"));
        }

        for (FutureTask<BuildOutcome> asker : askers) {
            assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        }
        assertThat(toolchain.compiled()).isEqualTo(20);
    }

    @Test
    void build_queuedBeforeTheWorkerStarts_isFound() throws Exception {
        var toolchain = new ScriptedToolchain();
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);

        fleet.startWorker("w1", toolchain);

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void build_wrongProgram_isRememberedWithItsProblems() throws Exception {
        var toolchain =
                new ScriptedToolchain().then(() -> new Compilation.Refused(List.of(PROBLEM)));
        fleet.startWorker("w1", toolchain);

        assertThat(get(fleet.ask(fleet.queue(), SOURCE)))
                .isEqualTo(new BuildOutcome.Rejected(List.of(PROBLEM)));
        assertThat(get(fleet.ask(fleet.queue(), SOURCE)))
                .isEqualTo(new BuildOutcome.Rejected(List.of(PROBLEM)));

        assertThat(toolchain.compiled()).isEqualTo(1);
        assertCounted("failed", 1);
    }

    @Test
    void build_machineFails_anotherWorkerTakesItAtOnce() throws Exception {
        var toolchain =
                new ScriptedToolchain()
                        .then(() -> {
                            throw new BuildMachineException("no space left on device");
                        });
        fleet.startWorker("w1", toolchain);
        fleet.startWorker("w2", toolchain);

        BuildOutcome outcome = get(fleet.ask(fleet.queue(), SOURCE));

        assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
        assertThat(fleet.state(SOURCE))
                .isInstanceOfSatisfying(
                        BuildState.Done.class, done -> assertThat(done.attempt()).isEqualTo(2));
        assertCounted("retried", 1);
    }

    @Test
    void build_machineFails_sameWorkerTriesAgainLater() throws Exception {
        var toolchain =
                new ScriptedToolchain()
                        .then(() -> {
                            throw new BuildMachineException("no space left on device");
                        });
        fleet.startWorker("w1", toolchain);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);

        eventually(
                PATIENCE,
                () ->
                        assertThat(fleet.state(SOURCE))
                                .isEqualTo(
                                        new BuildState.Queued(
                                                "no space left on device",
                                                1,
                                                WorkerFixture.NOW.toEpochMilli())));

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void build_inconclusiveAgainAndAgain_isTheProgram() throws Exception {
        var toolchain = new ScriptedToolchain();
        for (int i = 1; i <= 3; i++) {
            toolchain.then(() -> new Compilation.Inconclusive(PROBLEM));
            fleet.startWorker("w" + i, toolchain);
        }

        assertThat(get(fleet.ask(fleet.queue(), SOURCE)))
                .isEqualTo(new BuildOutcome.Rejected(List.of(PROBLEM)));
        assertThat(toolchain.compiled()).isEqualTo(3);
        assertCounted("retried", 2);
    }

    @Test
    void build_workerStoppedPastItsLease_lateResultIsDropped() throws Exception {
        var slow = new ScriptedToolchain().held();
        InMemorySession stopped = fleet.startWorker("w1", slow);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        slow.awaitBegun();

        stopped.pause();
        fleet.passLease();
        fleet.startWorker("w2", new ScriptedToolchain());
        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        BuildState published = fleet.state(SOURCE);
        slow.release();

        assertCounted("dropped", 1);
        assertThat(fleet.state(SOURCE)).isEqualTo(published);
        assertThat(published)
                .isInstanceOfSatisfying(
                        BuildState.Done.class, done -> assertThat(done.attempt()).isEqualTo(2));
    }

    @Test
    void build_artifactsRemovedMeanwhile_isBuiltAgain() throws Exception {
        ScriptedToolchain toolchain = new ScriptedToolchain().held();
        fleet.startWorker("w1", toolchain);
        var asked = fleet.ask(fleet.queue(), "p");
        toolchain.awaitBegun();
        // The collector condemns, removes and is done, all during the build.
        fleet.store.commit(
                Transaction.builder()
                        .put(WorkerFixture.KEYS.condemnedArtifacts(), new byte[0])
                        .build());
        toolchain.release();

        assertThat(asked.get()).isInstanceOf(BuildOutcome.Built.class);
        assertThat(toolchain.compiled()).isEqualTo(2);
    }

    @Test
    void build_lateResultIsAnotherArtifact_isAnAlarm() throws Exception {
        byte[] other = ModuleText.withMemory().function("other", List.of(), List.of()).assemble();
        var slow =
                new ScriptedToolchain()
                        .held()
                        .then(() -> new Compilation.Compiled(other, List.of(), false));
        InMemorySession stopped = fleet.startWorker("w1", slow);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        slow.awaitBegun();

        stopped.pause();
        fleet.passLease();
        fleet.startWorker("w2", new ScriptedToolchain());
        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        slow.release();

        assertCounted("different", 1);
    }

    @Test
    void build_workerKilled_anotherTakesOverWhenTheLeaseIsOver() throws Exception {
        var doomed = new ScriptedToolchain().held();
        InMemorySession killed = fleet.startWorker("w1", doomed);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        doomed.awaitBegun();
        var other = new ScriptedToolchain();
        fleet.startWorker("w2", other);

        killed.disconnect("killed");
        assertThat(fleet.state(SOURCE))
                .isEqualTo(new BuildState.Running(1, "w1", WorkerFixture.NOW.toEpochMilli()));
        assertThat(other.compiled()).isZero();
        fleet.passLease();

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        doomed.release();
    }

    @Test
    void build_leaseLost_interruptsTheBuildAndTheWorkerGoesOn() throws Exception {
        var slow = new ScriptedToolchain().held();
        InMemorySession cut = fleet.startWorker("w1", slow);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        slow.awaitBegun();

        cut.disconnect("no route");
        fleet.passLease();
        cut.reconnect();

        assertCounted("dropped", 1);
        slow.release();
        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void close_underABuild_freesTheKeyAtOnce() throws Exception {
        var slow = new ScriptedToolchain().held();
        fleet.startWorker("w1", slow);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        slow.awaitBegun();
        fleet.startWorker("w2", new ScriptedToolchain());

        fleet.worker(0).close();

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        eventually(
                PATIENCE,
                () -> assertThat(registered()).extracting(WorkerOffer::id).containsExactly("w2"));
    }

    @Test
    void start_worker_isRegisteredUnderALeaseAndAgainWhenItWasLost() {
        InMemorySession session = fleet.startWorker("w1", new ScriptedToolchain());
        var offer =
                new WorkerOffer(
                        "w1",
                        List.of(
                                new WorkerOffer.Toolchain(
                                        "go", new ScriptedToolchain().version())));
        eventually(PATIENCE, () -> assertThat(registered()).containsExactly(offer));

        session.disconnect("no route");
        fleet.passLease();
        assertThat(registered()).isEmpty();
        session.reconnect();

        eventually(PATIENCE, () -> assertThat(registered()).containsExactly(offer));
    }

    @Test
    void build_otherVersionsRequest_isLeftAlone() throws Exception {
        var toolchain = new ScriptedToolchain();
        fleet.startWorker("w1", toolchain);
        eventually(PATIENCE, () -> assertThat(registered()).hasSize(1));
        var ledger = new BuildLedger(fleet.store, KEYS, "test", InstantSource.system());
        var request = new BuildRequest("go", "go1.24.0", WorkerFixture.bytes(SOURCE));
        queueByHand(request);

        // A request of its own version that comes later shows that the first was passed over.
        assertThat(get(fleet.ask(fleet.queue(), SOURCE))).isInstanceOf(BuildOutcome.Built.class);

        assertThat(toolchain.compiled()).isEqualTo(1);
        assertThat(ledger.claim(request.key())).as("still to be had").isNotNull();
    }

    @Test
    void builder_withoutSigner_isRefused() {
        assertThatThrownBy(() ->
                        CompilerWorker.builder(fleet.store, KEYS, fleet.artifacts)
                                .meters(fleet.meters)
                                .build())
                .isInstanceOf(IllegalStateException.class);
        assertThat(ClusterKey.generate()).isNotNull();
    }

    /// A worker counts after it has written the state, so the asker may know earlier.
    private void assertCounted(String outcome, int times) {
        eventually(PATIENCE, () -> assertThat(fleet.count(outcome)).isEqualTo(times));
    }

    private void queueByHand(BuildRequest request) {
        var source = new Objects(fleet.store, KEYS).put(request.source());
        fleet.store.commit(
                Transaction.builder()
                        .put(
                                KEYS.buildRequest(request.key()),
                                BuildRecords.encode(
                                        new QueuedRequest(
                                                request.toolchain(),
                                                request.toolchainVersion(),
                                                source)))
                        .put(
                                KEYS.buildState(request.key()),
                                BuildRecords.encode(new BuildState.Queued("", 0, 0)))
                        .build());
    }

    private List<WorkerOffer> registered() {
        return fleet.store.list(KEYS.workers()).entries().stream()
                .map(entry -> BuildRecords.decodeWorker(entry.value()))
                .toList();
    }

    private static BuildOutcome get(FutureTask<BuildOutcome> asker) throws Exception {
        return asker.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
    }
}
