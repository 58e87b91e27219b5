package io.mimicore.compiler.trial;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.machine.MachineOutcome.Classes;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs what a node runs before it serves: instantiation, `_initialize`, `mimicore_warm`.
///
/// So a package variable that divides by zero, an `init` that panics, exits or never ends, is the
/// author's problem at the time of the change. The module runs with the limits of a sandbox: no
/// files, no environment, bounded memory, output and time.
///
/// Thread-safe; methods block.
public final class StartTrial {
    /// Memory of one trial, in pages of 64 KiB: 256 MiB.
    private static final int PAGES_MAX = 256 * 16;

    private static final int OUTPUT_BYTES_MAX = 4 * 1024;
    private static final long STOP_SECONDS_MAX = 10;

    /// Go's programs recurse deeper than the JVM's default allows.
    private static final long STACK_BYTES = 8L * 1024 * 1024;

    private static final String INITIALIZE = "_initialize";
    private static final String WARM = "mimicore_warm";
    private static final String HINT =
            "package variables, init and main run once when the module starts; let them not fail,"
                    + " wait or exit";

    private final Duration patience;

    /// @param patience how long a start may take; a node gives less
    public StartTrial(Duration patience) {
        this.patience = patience;
    }

    /// Starts the module once.
    public TrialOutcome run(WasmModule module, Classes classes) throws InterruptedException {
        if (initialPages(module) > PAGES_MAX) {
            return new TrialOutcome.Started();
        }
        var output = new BoundedOutput(OUTPUT_BYTES_MAX);
        var task =
                new FutureTask<>(() -> {
                    start(module, classes, output);
                    return true;
                });
        var thread = new Thread(null, task, "start-trial", STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            boolean _ = task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return new TrialOutcome.Started();
        } catch (TimeoutException e) {
            return new TrialOutcome.TooSlow(
                    problem("the program does not start within " + patience.toSeconds() + " s"));
        } catch (ExecutionException e) {
            return failed(e.getCause(), output.text());
        } finally {
            // Compiled code looks at the interrupt flag at every call and every turn of a loop.
            thread.interrupt();
            thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS_MAX));
        }
    }

    private static void start(WasmModule module, Classes classes, BoundedOutput output) {
        var options = WasiOptions.builder().withStdout(output).withStderr(output).build();
        try (WasiPreview1 wasi = WasiPreview1.builder().withOptions(options).build()) {
            Instance instance =
                    Instance.builder(module)
                            .withImportValues(
                                    ImportValues.builder()
                                            .addFunction(wasi.toHostFunctions())
                                            .build())
                            .withMachineFactory(
                                    JarClasses.machines(classes.jar(), classes.machineClass()))
                            .withMemoryLimits(limits(module))
                            .withStart(false)
                            .build();
            for (String action : new String[] {INITIALIZE, WARM}) {
                if (exports(module, action)) {
                    instance.export(action).apply();
                }
            }
        }
    }

    private static TrialOutcome failed(@Nullable Throwable cause, String output) {
        return switch (cause) {
            case ChicoryException e -> new TrialOutcome.Failed(problem(reason(e, output)));
            case StackOverflowError _ ->
                    new TrialOutcome.Failed(
                            problem("the program does not start: its calls are nested too deeply"));
            case OutOfMemoryError _ ->
                    // The worker's own memory: another time or another worker.
                    new TrialOutcome.TooSlow(
                            problem("the program does not start: the worker has no memory left"));
            case Error e -> throw e;
            case null, default ->
                    new TrialOutcome.Failed(problem("the program does not start: " + cause));
        };
    }

    /// What Go said before it gave up, without its stacks; otherwise what the runtime says.
    private static String reason(ChicoryException failure, String output) {
        String said =
                output.lines()
                        .takeWhile(line -> !line.startsWith("goroutine "))
                        .filter(line -> !line.isBlank())
                        .reduce((one, two) -> one + "; " + two)
                        .orElse(String.valueOf(failure.getMessage()));
        return "the program does not start: " + said;
    }

    private static SourceProblem problem(String message) {
        return new SourceProblem(0, 0, "WASM_START", message, HINT);
    }

    private static MemoryLimits limits(WasmModule module) {
        MemoryLimits declared = module.memorySection().orElseThrow().getMemory(0).limits();
        return new MemoryLimits(
                declared.initialPages(), Math.min(declared.maximumPages(), PAGES_MAX));
    }

    private static int initialPages(WasmModule module) {
        return module.memorySection().orElseThrow().getMemory(0).limits().initialPages();
    }

    private static boolean exports(WasmModule module, String name) {
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            if (module.exportSection().getExport(i).name().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
