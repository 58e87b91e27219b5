package io.mimicore.compiler.sandbox;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildSandboxTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SandboxLimits LIMITS =
            new SandboxLimits(Duration.ofSeconds(20), 10, 1_024, 1, 256, 1_000);

    @TempDir private Path home;

    BuildSandboxTest() {
        home = Path.of("");
    }

    @Test
    void run_command_getsInputAndNothingOfTheWorkersEnvironment() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            SandboxOutcome outcome =
                    run(
                            sandbox,
                            "cat; env | grep -v -e ^PWD= -e ^PATH= -e ^OLDPWD= -e ^_= -e ^SHLVL=",
                            "in ");

            assertThat(outcome).isInstanceOf(SandboxOutcome.Exited.class);
            var exited = (SandboxOutcome.Exited) outcome;
            assertThat(new String(exited.output(), UTF_8)).isEqualTo("in GREETING=hello\n");
        }
    }

    @Test
    void run_failingCommand_tellsStatusAndErrors() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            var exited = (SandboxOutcome.Exited) run(sandbox, "echo broken >&2; exit 3", "");

            assertThat(exited.status()).isEqualTo(3);
            assertThat(exited.errors()).isEqualTo("broken\n");
        }
    }

    @Test
    void run_endlessOutput_isCutAndDoesNotBlock() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            var exited =
                    (SandboxOutcome.Exited)
                            run(sandbox, "head -c 5000000 /dev/zero; echo done >&2", "");

            assertThat(exited.output()).hasSize(LIMITS.outputBytes());
            assertThat(exited.errors()).isEqualTo("done\n");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void run_tooLong_killsTheWholeTree(boolean namespaces) throws Exception {
        Confinement confinement = namespaces ? Confinement.probe() : Confinement.limitsOnly();
        try (BuildSandbox sandbox = BuildSandbox.open(home, confinement)) {
            Path beats = home.resolve("beats");

            SandboxOutcome outcome =
                    run(
                            sandbox,
                            "(while :; do echo beat >> " + beats + "; sleep 0.05; done) & wait",
                            LIMITS.withWallTime(Duration.ofMillis(700)));

            assertThat(outcome).isEqualTo(new SandboxOutcome.TimedOut(Duration.ofMillis(700)));
            assertThat(beats).isNotEmptyFile();
            eventuallyStill(beats);
        }
    }

    @Test
    void run_interrupted_killsTheCommand() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            Path beats = home.resolve("beats");
            var task =
                    new FutureTask<>(() -> {
                        assertThatThrownBy(() ->
                                        run(
                                                sandbox,
                                                "while :; do echo beat >> "
                                                        + beats
                                                        + "; sleep 0.05; done",
                                                ""))
                                .isInstanceOf(InterruptedException.class);
                        return true;
                    });
            Thread thread = Thread.ofVirtual().start(task);
            eventually(PATIENCE, () -> assertThat(beats).exists());

            thread.interrupt();

            assertThat(task.get()).isTrue();
            eventuallyStill(beats);
        }
    }

    @Test
    void run_muchProcessorTime_isKilled() throws Exception {
        var oneSecond = new SandboxLimits(Duration.ofSeconds(60), 1, 1_024, 1, 256, 1_000);
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            var exited = (SandboxOutcome.Exited) run(sandbox, "while :; do :; done", oneSecond);

            assertThat(exited.status()).isGreaterThan(128);
        }
    }

    /// Orphans count too, and root is bound as everybody else.
    @Test
    void run_manyProcesses_areKilledAll() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home, Confinement.limitsOnly())) {
            Path beats = home.resolve("beats");
            String script =
                    "i=0; while [ $i -lt 60 ]; do (while :; do echo beat >> "
                            + beats
                            + "; sleep 0.05; done) & i=$((i+1)); done; wait";

            SandboxOutcome outcome = run(sandbox, script, LIMITS.withProcesses(40));

            assertThat(outcome).isEqualTo(new SandboxOutcome.TooManyProcesses(40));
            eventuallyStill(beats);
        }
    }

    @Test
    void run_largeFile_cannotBeWritten() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            Path file = home.resolve("large");

            var exited =
                    (SandboxOutcome.Exited)
                            run(sandbox, "dd if=/dev/zero of=" + file + " bs=1M count=3", "");

            assertThat(exited.status()).isNotZero();
            assertThat(Files.size(file)).isLessThanOrEqualTo(1024 * 1024);
        }
    }

    @Test
    void run_muchMemory_isRefused() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            var exited =
                    (SandboxOutcome.Exited)
                            run(sandbox, "dd if=/dev/zero of=/dev/null bs=2000M count=1", "");

            assertThat(exited.status()).isNotZero();
        }
    }

    @Test
    void run_isolated_hasNoNetworkButItsOwnLoopback() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            // Where namespaces are forbidden there is nothing to see but that it says so.
            var exited = (SandboxOutcome.Exited) run(sandbox, "cat /proc/net/dev", "");

            long interfaces =
                    new String(exited.output(), UTF_8)
                            .lines()
                            .filter(line -> line.contains(":"))
                            .filter(line -> !line.strip().startsWith("lo:"))
                            .count();
            assertThat(sandbox.isIsolated() ? interfaces : 0).isZero();
            assertThat(exited.status()).isZero();
        }
    }

    @Test
    void run_programThatIsNotThere_fails() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            var exited =
                    (SandboxOutcome.Exited)
                            sandbox.run(command(sandbox, List.of("/no/such/program"), ""), LIMITS);

            assertThat(exited.status()).isEqualTo(127);
        }
    }

    @Test
    void workspace_closed_isRemovedWithEverythingInIt() throws Exception {
        try (BuildSandbox sandbox = BuildSandbox.open(home)) {
            Path directory;
            try (Workspace workspace = sandbox.newWorkspace()) {
                directory = workspace.directory("code");
                Files.createSymbolicLink(directory.resolve("link"), home);
                Files.writeString(directory.resolve("main.go"), "package main");
            }

            assertThat(directory).doesNotExist();
            assertThat(home).as("behind a link").exists();
        }
    }

    @Test
    void open_afterAProcessWasKilled_clearsWhatItLeft() throws IOException {
        Path work = Files.createDirectories(home.resolve("work"));
        Path left = Files.createDirectories(work.resolve("area-77").resolve("build-1"));
        Files.writeString(left.resolve("main.go"), "package main");
        Files.createFile(work.resolve("area-77.lock"));

        try (BuildSandbox _ = BuildSandbox.open(home, Confinement.limitsOnly())) {
            assertThat(left).doesNotExist();
            assertThat(work.resolve("area-77.lock")).doesNotExist();
        }
    }

    @Test
    void open_besideALivingProcess_leavesItsFiles() throws IOException {
        try (BuildSandbox living = BuildSandbox.open(home, Confinement.limitsOnly());
                Workspace workspace = living.newWorkspace()) {
            Path file = Files.writeString(workspace.directory("code").resolve("main.go"), "x");

            BuildSandbox.open(home, Confinement.limitsOnly()).close();

            assertThat(file).exists();
        }
        try (Stream<Path> left = Files.list(home.resolve("work"))) {
            assertThat(left).isEmpty();
        }
    }

    /// Waits until nothing is appended to a file that was appended to every 50 ms.
    private static void eventuallyStill(Path file) {
        eventually(
                PATIENCE,
                () -> {
                    long size = Files.size(file);
                    var quiet = new java.util.concurrent.CountDownLatch(1);
                    assertThat(quiet.await(400, java.util.concurrent.TimeUnit.MILLISECONDS))
                            .isFalse();
                    assertThat(Files.size(file)).isEqualTo(size);
                });
    }

    private SandboxOutcome run(BuildSandbox sandbox, String script, String input)
            throws IOException, InterruptedException {
        return sandbox.run(command(sandbox, List.of("/bin/sh", "-c", script), input), LIMITS);
    }

    private SandboxOutcome run(BuildSandbox sandbox, String script, SandboxLimits limits)
            throws IOException, InterruptedException {
        return sandbox.run(command(sandbox, List.of("/bin/sh", "-c", script), ""), limits);
    }

    private static SandboxCommand command(
            BuildSandbox sandbox, List<String> arguments, String input) throws IOException {
        return new SandboxCommand(
                arguments,
                sandbox.cache("run"),
                Map.of("PATH", "/usr/bin:/bin", "GREETING", "hello"),
                input.getBytes(UTF_8));
    }
}
