package io.mimicore.cli;

import io.mimicore.compiler.worker.CompilerWorker;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Who a compiler worker is, and how much it does at once.
final class WorkerOptions {
    @Option(
            names = "--worker-id",
            paramLabel = "ID",
            defaultValue = "${env:MIMICORE_WORKER_ID}",
            description = {
                "Name of the worker, which no other worker of the cluster has (environment:",
                "MIMICORE_WORKER_ID; default: the machine's name and the process's number)."
            })
    private @Nullable String id;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "${env:MIMICORE_CONCURRENCY:-0}",
            description = {
                "Builds at the same time (environment: MIMICORE_CONCURRENCY; default: 0, half of"
                        + " the",
                "processors)."
            })
    private int concurrency;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "${env:MIMICORE_STATE}",
            description = {
                "Where compilers keep what they need again (environment: MIMICORE_STATE; default:",
                "MIMICORE_CACHE, or ~/.cache/mimicore, shared by all of the user's processes)."
            })
    private @Nullable Path state;

    /// Its name, or `fallback` if none was given.
    ///
    /// @throws CommandFailure if it cannot be one
    String id(String fallback) {
        String chosen = id == null || id.isBlank() ? fallback : id;
        if (!chosen.matches("[A-Za-z0-9._-]{1,253}")) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--worker-id "
                            + chosen
                            + ": (expected: 1 to 253 letters, digits, '.', '_', '-')");
        }
        return chosen;
    }

    /// Builds at the same time; 0: as many as fit the machine.
    ///
    /// @throws CommandFailure if it is negative or more than a worker builds
    int concurrency() {
        if (concurrency < 0 || concurrency > CompilerWorker.CONCURRENCY_MAX) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--concurrency "
                            + concurrency
                            + ": (expected: 0.."
                            + CompilerWorker.CONCURRENCY_MAX
                            + ")");
        }
        return concurrency;
    }

    /// Where caches are kept.
    Path caches() {
        return state == null || state.toString().isEmpty() ? Toolchains.cacheDirectory() : state;
    }
}
