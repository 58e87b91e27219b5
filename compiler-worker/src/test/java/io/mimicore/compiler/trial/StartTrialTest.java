package io.mimicore.compiler.trial;

import static io.mimicore.compiler.fixture.ModuleText.I32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.machine.MachineCompiler;
import io.mimicore.compiler.machine.MachineOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StartTrialTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// `loop br 0 end`.
    private static final int[] FOR_EVER = {0x03, 0x40, 0x0C, 0x00, 0x0B};

    @Test
    void run_quietModule_starts() throws Exception {
        assertThat(run(ModuleText.withMemory().function("f", List.of(I32), List.of()), PATIENCE))
                .isEqualTo(new TrialOutcome.Started());
    }

    @Test
    void run_trapInInitialize_fails() throws Exception {
        assertThat(
                        run(
                                ModuleText.withMemory()
                                        .function("_initialize", List.of(), List.of()),
                                PATIENCE))
                .isInstanceOfSatisfying(
                        TrialOutcome.Failed.class,
                        failed ->
                                assertThat(failed.problem().message())
                                        .startsWith("the program does not start: ")
                                        .contains("unreachable"));
    }

    @Test
    void run_trapInWarm_fails() throws Exception {
        assertThat(
                        run(
                                ModuleText.withMemory()
                                        .function("mimicore_warm", List.of(), List.of()),
                                PATIENCE))
                .isInstanceOf(TrialOutcome.Failed.class);
    }

    @Test
    void run_endlessLoop_isStopped() throws Exception {
        ModuleText module =
                ModuleText.withMemory().function("_initialize", List.of(), List.of(), FOR_EVER);

        assertThat(run(module, Duration.ofMillis(300))).isInstanceOf(TrialOutcome.TooSlow.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("start-trial");
    }

    @Test
    void run_interrupted_stopsTheTrial() throws Exception {
        ModuleText module =
                ModuleText.withMemory().function("_initialize", List.of(), List.of(), FOR_EVER);
        var task =
                new FutureTask<>(() -> {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(() -> run(module, PATIENCE))
                            .isInstanceOf(InterruptedException.class);
                    return true;
                });

        Thread.ofPlatform().start(task);

        assertThat(task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void run_deepRecursion_fails() throws Exception {
        // The function calls itself; it is the only one, so its index is 0.
        ModuleText module =
                ModuleText.withMemory().function("_initialize", List.of(), List.of(), 0x10, 0x00);

        assertThat(run(module, PATIENCE)).isInstanceOf(TrialOutcome.Failed.class);
    }

    private static TrialOutcome run(ModuleText text, Duration patience)
            throws InterruptedException {
        byte[] wasm = text.assemble();
        WasmModule module = Parser.parse(wasm);
        MachineOutcome outcome = MachineCompiler.compile(module, wasm);
        assertThat(outcome).isInstanceOf(MachineOutcome.Classes.class);
        return new StartTrial(patience).run(module, (MachineOutcome.Classes) outcome);
    }
}
