package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// What a compiler worker registers under its lease.
public record WorkerOffer(String id, List<Toolchain> toolchains) {
    public WorkerOffer {
        requireNonNull(id, "id");
        toolchains = List.copyOf(toolchains);
    }

    /// A toolchain it builds with.
    ///
    /// @param name `go`, `tinygo` or `wasm`
    /// @param version as in [BuildRequest#toolchainVersion()]
    public record Toolchain(String name, String version) {
        public Toolchain {
            requireNonNull(name, "name");
            requireNonNull(version, "version");
        }
    }
}
