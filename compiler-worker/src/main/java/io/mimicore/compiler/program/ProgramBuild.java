package io.mimicore.compiler.program;

import static java.util.Objects.requireNonNull;

import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.checks.CheckOutcome;
import io.mimicore.compiler.checks.ModuleChecks;
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
    private final StartTrial trial;

    /// Builds with a toolchain.
    public ProgramBuild(Toolchain toolchain) {
        this(toolchain, START_PATIENCE);
    }

    /// Builds with a toolchain and lets modules take another time to start.
    ProgramBuild(Toolchain toolchain, Duration startPatience) {
        this.toolchain = requireNonNull(toolchain, "toolchain");
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
            case Compilation.Compiled compiled -> check(request, compiled);
        };
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
