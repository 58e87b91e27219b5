package io.mimicore.compiler.worker;

import static io.mimicore.compiler.worker.WorkerFixture.KEYS;
import static io.mimicore.compiler.worker.WorkerFixture.PATIENCE;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildState;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Workers beside each other, and beside an artifact store that fails.
class WorkerFleetTest {
    private static final String SOURCE = "package main\n";

    @TempDir private Path directory;
    private WorkerFixture fleet;
    private TroubledArtifacts artifacts;

    WorkerFleetTest() {
        directory = Path.of("");
        fleet = new WorkerFixture(Path.of("target", "unused-artifacts"));
        artifacts = new TroubledArtifacts(fleet.artifacts);
    }

    @BeforeEach
    void open() {
        fleet = new WorkerFixture(directory);
        artifacts = new TroubledArtifacts(fleet.artifacts);
    }

    @AfterEach
    void close() {
        artifacts.release();
        fleet.close();
    }

    @Test
    void build_severalWorkers_goesToTheOneThatComesFirst() throws Exception {
        List<ScriptedToolchain> toolchains = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            toolchains.add(new ScriptedToolchain());
            fleet.startWorker("w" + i, toolchains.get(i));
        }
        eventually(PATIENCE, () -> assertThat(fleet.registered()).hasSize(3));
        int programs = 20;
        int asForeseen = 0;
        for (int i = 0; i < programs; i++) {
            String source = SOURCE + "// " + i + "\n";
            int first = fleet.first(source);
            int before = toolchains.get(first).compiled();
            assertThat(get(fleet.ask(fleet.queue(), source)))
                    .isInstanceOf(BuildOutcome.Built.class);
            asForeseen += toolchains.get(first).compiled() - before;
        }
        // A machine that stops for longer than the others wait makes an exception.
        assertThat(asForeseen).isGreaterThanOrEqualTo(programs - 2);
        assertThat(toolchains.stream().mapToInt(ScriptedToolchain::compiled).sum())
                .isEqualTo(programs);
    }

    @Test
    void build_firstWorkerIsBusy_anotherTakesItAfterAShortWait() throws Exception {
        List<ScriptedToolchain> toolchains =
                List.of(new ScriptedToolchain().held(), new ScriptedToolchain().held());
        fleet.startWorker("w0", toolchains.get(0));
        fleet.startWorker("w1", toolchains.get(1));
        eventually(PATIENCE, () -> assertThat(fleet.registered()).hasSize(2));
        int first = fleet.first(SOURCE);
        String second = "";
        for (int i = 0; second.isEmpty(); i++) {
            String other = SOURCE + "// " + i + "\n";
            second = fleet.first(other) == first ? other : "";
        }
        FutureTask<BuildOutcome> one = fleet.ask(fleet.queue(), SOURCE);
        toolchains.get(first).awaitBegun();
        FutureTask<BuildOutcome> two = fleet.ask(fleet.queue(), second);
        toolchains.get(1 - first).awaitBegun();
        toolchains.forEach(ScriptedToolchain::release);

        assertThat(get(one)).isInstanceOf(BuildOutcome.Built.class);
        assertThat(get(two)).isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void build_moreThanItsThreads_waitTheirTurn() throws Exception {
        var toolchain = new ScriptedToolchain().held();
        fleet.startWorker("w1", toolchain);
        List<FutureTask<BuildOutcome>> askers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            askers.add(fleet.ask(fleet.queue(), SOURCE + "// " + i + "\n"));
        }
        eventually(
                PATIENCE,
                () ->
                        assertThat(fleet.store.list(KEYS.builds()).entries())
                                .as("a request and a state each, and one owner")
                                .hasSize(11));

        assertThat(toolchain.compiled()).isEqualTo(1);
        assertThat(fleet.gauge("mimicore.worker.builds")).isEqualTo(1);
        toolchain.release();
        for (FutureTask<BuildOutcome> asker : askers) {
            assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        }
    }

    @Test
    void build_artifactStoreIsDown_waitsWithTheReasonAndIsNotBuiltInVain() throws Exception {
        var toolchain = new ScriptedToolchain();
        artifacts.down(true);
        fleet.startWorker("w1", toolchain, artifacts);
        FutureTask<BuildOutcome> one = fleet.ask(fleet.queue(), SOURCE);
        awaitReason(SOURCE, "the artifact store failed: connection refused");
        assertThat(fleet.gauge("mimicore.artifacts.unstorable")).isEqualTo(1);
        String second = SOURCE + "// 2\n";
        FutureTask<BuildOutcome> two = fleet.ask(fleet.queue(), second);
        awaitReason(second, "the artifact store failed: connection refused");
        assertThat(toolchain.compiled()).as("the second is not built while it is down").isOne();
        assertThat(fleet.count("unpublished")).isOne();

        artifacts.down(false);

        assertThat(get(one)).isInstanceOf(BuildOutcome.Built.class);
        assertThat(get(two)).isInstanceOf(BuildOutcome.Built.class);
        assertThat(toolchain.compiled()).isEqualTo(3);
        assertThat(fleet.gauge("mimicore.artifacts.unstorable")).isZero();
        assertThat(fleet.count("retried")).as("no machine is to blame").isZero();
    }

    @Test
    void build_storeAnswersButTakesNothing_isTriedEverMoreSeldom() throws Exception {
        var toolchain = new ScriptedToolchain();
        artifacts.full(true);
        fleet.startWorker("w1", toolchain, artifacts);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        eventually(PATIENCE, () -> assertThat(artifacts.puts()).isEqualTo(2));
        awaitReason(SOURCE, "the artifact store failed: no room");
        long second = System.nanoTime();
        eventually(PATIENCE, () -> assertThat(artifacts.puts()).isEqualTo(3));
        assertThat(System.nanoTime() - second)
                .as("from the second to the third: more than the first pause")
                .isGreaterThan(PublishGate.ASK_EVERY.plusMillis(500).toNanos());
        artifacts.full(false);

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
    }

    @Test
    void build_doneAndArtifactStoreIsDown_isAnsweredFromTheRecord() throws Exception {
        var toolchain = new ScriptedToolchain();
        fleet.startWorker("w1", toolchain, artifacts);
        BuildOutcome built = get(fleet.ask(fleet.queue(artifacts), SOURCE));
        artifacts.down(true);

        assertThat(get(fleet.ask(fleet.queue(artifacts), SOURCE))).isEqualTo(built);
        assertThat(toolchain.compiled()).isOne();
    }

    @Test
    void close_whileAPutHangs_freesTheKeyAtOnce() throws Exception {
        artifacts.hang();
        fleet.startWorker("w1", new ScriptedToolchain(), artifacts);
        FutureTask<BuildOutcome> asker = fleet.ask(fleet.queue(), SOURCE);
        artifacts.awaitHanging();
        fleet.startWorker("w2", new ScriptedToolchain());
        Thread closing = Thread.ofPlatform().start(() -> fleet.worker(0).close());

        assertThat(get(asker)).isInstanceOf(BuildOutcome.Built.class);
        BuildState published = fleet.state(SOURCE);
        assertThat(published)
                .isInstanceOfSatisfying(
                        BuildState.Done.class, done -> assertThat(done.attempt()).isEqualTo(2));
        artifacts.release();
        closing.join();
        assertThat(fleet.state(SOURCE)).as("the late result is dropped").isEqualTo(published);
    }

    @Test
    void concurrency_beyondItsBounds_isRefused() {
        var builder =
                io.mimicore.compiler.worker.CompilerWorker.builder(
                        fleet.store, KEYS, fleet.artifacts);
        assertThatThrownBy(() -> builder.concurrency(CompilerWorker.CONCURRENCY_MAX + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("builds: 65 (expected: 1..64)");
        assertThatThrownBy(() -> builder.concurrency(0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void awaitReason(String source, String reason) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(fleet.state(source))
                                .isInstanceOfSatisfying(
                                        BuildState.Queued.class,
                                        queued -> assertThat(queued.reason()).isEqualTo(reason)));
    }

    private static BuildOutcome get(FutureTask<BuildOutcome> asker) throws Exception {
        return asker.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
    }
}
