package io.mimicore.compiler.program;

import static java.util.Objects.requireNonNull;

import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.build.BuildRequest;
import io.mimicore.compiler.checks.CheckOutcome;
import io.mimicore.compiler.checks.ModuleChecks;
import io.mimicore.compiler.machine.MachineCompiler;
import io.mimicore.compiler.machine.MachineOutcome;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.Compilation;
import io.mimicore.compiler.toolchain.Toolchain;
import io.mimicore.ir.Digest;

/// Builds programs with one toolchain. Thread-safe; methods block.
public final class ProgramBuild {
    private final Toolchain toolchain;

    public ProgramBuild(Toolchain toolchain) {
        this.toolchain = requireNonNull(toolchain, "toolchain");
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

    private static ProgramOutcome check(BuildRequest request, Compilation.Compiled compiled) {
        return switch (ModuleChecks.check(compiled)) {
            case CheckOutcome.Refused refused -> new ProgramOutcome.Refused(refused.problems());
            case CheckOutcome.Passed passed -> compile(request, compiled.wasm(), passed);
        };
    }

    private static ProgramOutcome compile(
            BuildRequest request, byte[] wasm, CheckOutcome.Passed passed) {
        return switch (MachineCompiler.compile(passed.module(), wasm)) {
            case MachineOutcome.TooLarge tooLarge ->
                    new ProgramOutcome.Refused(tooLarge.problems());
            case MachineOutcome.Classes classes ->
                    new ProgramOutcome.Built(
                            new ArtifactManifest(
                                    ArtifactManifest.ABI,
                                    request.key(),
                                    request.toolchain(),
                                    request.toolchainVersion(),
                                    MachineCompiler.RUNTIME,
                                    passed.functions(),
                                    Digest.of(wasm),
                                    Digest.of(classes.jar()),
                                    classes.machineClass()),
                            wasm,
                            classes.jar());
        };
    }
}
