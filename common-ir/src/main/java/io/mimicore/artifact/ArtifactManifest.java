package io.mimicore.artifact;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.util.List;

/// What an artifact says of itself.
///
/// @param abi version of the calling convention between node and module, see `docs/user-code.md`
/// @param runtime the WASM runtime the machine classes were made for, with its version
/// @param module digest of the module's bytes
/// @param classes digest of the jar of machine classes
/// @param machineClass binary name of the machine's entry class in that jar
public record ArtifactManifest(
        int abi,
        Digest buildKey,
        String toolchain,
        String toolchainVersion,
        String runtime,
        List<FunctionSignature> functions,
        Digest module,
        Digest classes,
        String machineClass) {
    /// The calling convention of this build.
    public static final int ABI = 1;

    public ArtifactManifest {
        requireNonNull(buildKey, "buildKey");
        requireNonNull(toolchain, "toolchain");
        requireNonNull(toolchainVersion, "toolchainVersion");
        requireNonNull(runtime, "runtime");
        functions = List.copyOf(functions);
        requireNonNull(module, "module");
        requireNonNull(classes, "classes");
        requireNonNull(machineClass, "machineClass");
    }
}
