package io.mimicore.compiler.program;

import static java.util.Objects.requireNonNull;

import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.checks.CheckOutcome;
import io.mimicore.compiler.checks.ModuleChecks;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.cost.ModuleCost;
import io.mimicore.compiler.machine.MachineCompiler;
import io.mimicore.compiler.machine.MachineOutcome;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.Compilation;
import io.mimicore.compiler.toolchain.Toolchain;
import io.mimicore.compiler.trial.StartTrial;
import io.mimicore.compiler.trial.TrialOutcome;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds programs with one toolchain: compile, check, compile for the JVM, start once.
/// Thread-safe; methods block.
public final class ProgramBuild {
    /// A warm worker starts Go's modules in 0.1 s; this is for one that is busy and cold.
    private static final Duration START_PATIENCE = Duration.ofSeconds(20);

    private static final Logger log = LoggerFactory.getLogger(ProgramBuild.class);

    private final Toolchain toolchain;
    private final CompileMemory memory;
    private final StartTrial trial;

    /// Builds with a toolchain.
    ///
    /// @param memory for the modules of all builds of this process
    public ProgramBuild(Toolchain toolchain, CompileMemory memory) {
        this(toolchain, memory, START_PATIENCE);
    }

    /// Builds with a toolchain and lets modules take another time to start.
    ProgramBuild(Toolchain toolchain, CompileMemory memory, Duration startPatience) {
        this.toolchain = requireNonNull(toolchain, "toolchain");
        this.memory = requireNonNull(memory, "memory");
        this.trial = new StartTrial(startPatience);
    }

    /// Builds a program.
    ///
    /// @param request of this toolchain's name and version
    /// @throws BuildMachineException if this machine failed, whatever the program is
    public ProgramOutcome build(BuildRequest request)
            throws BuildMachineException, InterruptedException {
        return switch (toolchain.compile(request.source())) {
            case Compilation.Refused refused -> new ProgramOutcome.Refused(refused.problems());
            case Compilation.Inconclusive unclear ->
                    new ProgramOutcome.Inconclusive(unclear.problem());
            case Compilation.Compiled compiled -> weigh(request, compiled);
        };
    }

    /// Goes on once there is memory for it. Nothing decodes the module before.
    private ProgramOutcome weigh(BuildRequest request, Compilation.Compiled compiled)
            throws InterruptedException {
        ModuleCost cost = ModuleCost.of(compiled.wasm());
        if (cost.instructions() > ModuleCost.INSTRUCTIONS_MAX) {
            return new ProgramOutcome.Refused(
                    List.of(
                            tooLarge(
                                    "the module has "
                                            + cost.instructions()
                                            + " instructions (expected: at most "
                                            + ModuleCost.INSTRUCTIONS_MAX
                                            + ")",
                                    "make the program smaller, or split it into several APIs")));
        }
        if (!memory.suffices(cost)) {
            return new ProgramOutcome.Inconclusive(
                    tooLarge(
                            "compiling the module for the JVM takes about "
                                    + megabytes(cost.heapBytes())
                                    + " MB of heap (expected: at most "
                                    + megabytes(memory.bytesMax())
                                    + " on this worker)",
                            "make the program smaller, or give the worker a larger heap with"
                                    + " MIMICORE_JAVA_OPTS=-Xmx…"));
        }
        try (CompileMemory.Taken _ = memory.take(cost)) {
            return check(request, compiled);
        }
    }

    private static long megabytes(long bytes) {
        return bytes / 1_000_000;
    }

    private static SourceProblem tooLarge(String message, String hint) {
        return new SourceProblem(0, 0, "WASM_TOO_LARGE", message, hint);
    }

    // Boundary to a parser and a compiler that have met no hostile module yet: what breaks them
    // must
    // not break the worker. They leave nothing behind.
    @SuppressWarnings("IllegalCatch")
    private ProgramOutcome check(BuildRequest request, Compilation.Compiled compiled)
            throws InterruptedException {
        try {
            return switch (ModuleChecks.check(compiled)) {
                case CheckOutcome.Refused refused -> new ProgramOutcome.Refused(refused.problems());
                case CheckOutcome.Passed passed -> compile(request, compiled.wasm(), passed);
            };
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
            log.error("build {}: the module breaks its compiler", request.key(), e);
            return new ProgramOutcome.Inconclusive(
                    new SourceProblem(
                            0,
                            0,
                            "WASM_COMPILE",
                            "the module cannot be compiled for the JVM: " + e,
                            "make the program smaller and simpler; if that does not help, report"
                                    + " it"));
        }
    }

    private ProgramOutcome compile(BuildRequest request, byte[] wasm, CheckOutcome.Passed passed)
            throws InterruptedException {
        return switch (MachineCompiler.compile(passed.module(), wasm)) {
            case MachineOutcome.TooLarge tooLarge ->
                    new ProgramOutcome.Refused(tooLarge.problems());
            case MachineOutcome.Classes classes ->
                    switch (trial.run(passed.module(), classes)) {
                        case TrialOutcome.Failed failed ->
                                new ProgramOutcome.Refused(List.of(failed.problem()));
                        case TrialOutcome.TooSlow slow ->
                                new ProgramOutcome.Inconclusive(slow.problem());
                        case TrialOutcome.Started _ ->
                                built(request, wasm, passed.functions(), classes);
                    };
        };
    }

    private static ProgramOutcome.Built built(
            BuildRequest request,
            byte[] wasm,
            List<FunctionSignature> functions,
            MachineOutcome.Classes classes) {
        return new ProgramOutcome.Built(
                new ArtifactManifest(
                        ArtifactManifest.ABI,
                        request.key(),
                        request.toolchain(),
                        request.toolchainVersion(),
                        MachineCompiler.RUNTIME,
                        functions,
                        Digest.of(wasm),
                        Digest.of(classes.jar()),
                        classes.machineClass()),
                wasm,
                classes.jar());
    }
}
