package io.mimicore.cli;

import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.toolchain.ProgramSearch;
import java.io.IOException;
import java.nio.file.Path;

/// The toolchains of this machine, with caches that every process of the user shares.
final class Toolchains {
    private Toolchains() {}

    /// Looks for them.
    ///
    /// @throws CommandFailure if the caches cannot be written or the sandbox does not work
    static FoundToolchains find() throws InterruptedException {
        return find(cacheDirectory());
    }

    /// Looks for them.
    ///
    /// @param caches where they keep what they need again
    /// @throws CommandFailure if the caches cannot be written or the sandbox does not work
    static FoundToolchains find(Path caches) throws InterruptedException {
        Path home = caches.resolve("toolchains");
        try {
            return FoundToolchains.find(BuildSandbox.open(home), ProgramSearch.of(System.getenv()));
        } catch (IOException | BuildMachineException e) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    "builds of user code cannot be set up in "
                            + home
                            + " ("
                            + e.getMessage()
                            + "): give a directory that can be written, with MIMICORE_CACHE or --state of a worker",
                    e);
        }
    }

    /// Where things are kept that can be made again.
    static Path cacheDirectory() {
        String cache = System.getenv("MIMICORE_CACHE");
        return cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "mimicore")
                : Path.of(cache);
    }
}
