package io.mimicore.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.ir.Digest;

/// What is to be built.
///
/// @param toolchain `go`, `tinygo` or `wasm` (a module that is only checked and compiled for the
///   JVM)
/// @param toolchainVersion its version as workers report it, e.g. `go1.26.8`; for `wasm` the
///   runtime's
/// @param source UTF-8 Go source with `\n` line ends, or a module's bytes; not copied
public record BuildRequest(String toolchain, String toolchainVersion, byte[] source) {
    /// Largest source or module, in bytes.
    public static final int SOURCE_BYTES_MAX = 16 * 1024 * 1024;

    /// Changes when flags, wrappers or checks change what a build gives.
    private static final String RECIPE = "recipe 1";

    public BuildRequest {
        requireNonNull(toolchain, "toolchain");
        requireNonNull(toolchainVersion, "toolchainVersion");
        requireNonNull(source, "source");
    }

    /// SHA-256 over everything that the result depends on.
    public Digest key() {
        String head =
                String.join(
                        "\n",
                        toolchain,
                        toolchainVersion,
                        RECIPE,
                        "abi " + ArtifactManifest.ABI,
                        "");
        return Digest.of(head.getBytes(UTF_8), source);
    }
}
