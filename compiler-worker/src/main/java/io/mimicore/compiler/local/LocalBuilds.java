package io.mimicore.compiler.local;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildQueue;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.GoSource;
import io.mimicore.compiler.program.ProgramBuild;
import io.mimicore.compiler.program.ProgramOutcome;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.toolchain.PrebuiltModule;
import io.mimicore.compiler.toolchain.ProgramSearch;
import io.mimicore.compiler.toolchain.Toolchain;
import io.mimicore.config.CodeSource;
import io.mimicore.ir.Digest;
import io.mimicore.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds on this machine and publishes nothing: what the author's program is worth, and which
/// functions it has.
///
/// Results are kept under their build key in a directory, so the same program is looked at once.
/// Thread-safe.
public final class LocalBuilds implements BuildQueue {
    private static final Logger log = LoggerFactory.getLogger(LocalBuilds.class);

    private final FoundToolchains toolchains;
    private final Path results;
    private final String defaultToolchain;

    private LocalBuilds(FoundToolchains toolchains, Path results, String defaultToolchain) {
        this.toolchains = toolchains;
        this.results = results;
        this.defaultToolchain = defaultToolchain;
    }

    /// Finds the toolchains of this machine.
    ///
    /// @param home where caches and results live; one process at a time
    /// @param environment the process's variables: `PATH`, `GOROOT` and others say where to look
    /// @throws IOException if `home` cannot be used
    public static LocalBuilds open(Path home, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path results = Files.createDirectories(home.resolve("results"));
        try {
            BuildSandbox sandbox = BuildSandbox.open(home);
            return new LocalBuilds(
                    FoundToolchains.find(sandbox, ProgramSearch.of(environment)), results, "go");
        } catch (BuildMachineException e) {
            throw new IOException("programs cannot be built here: " + e.getMessage(), e);
        }
    }

    /// {@inheritDoc}
    ///
    /// The artifact of what was built here is the module itself: nothing is signed.
    @Override
    public BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain)
            throws InterruptedException {
        String name = wasm ? PrebuiltModule.NAME : nameOf(toolchain);
        Toolchain found =
                toolchains.toolchains().stream()
                        .filter(candidate -> candidate.name().equals(name))
                        .findFirst()
                        .orElse(null);
        if (found == null) {
            return new BuildOutcome.Unavailable(
                    toolchains.missing().getOrDefault(name, "no toolchain " + name));
        }
        byte[] content = wasm ? source : GoSource.withUnixLines(source);
        var request = new BuildRequest(name, found.version(), content);
        Digest key = request.key();
        BuildState known = load(key);
        if (known != null) {
            return outcomeOf(key, known);
        }
        try {
            return switch (new ProgramBuild(found).build(request)) {
                case ProgramOutcome.Built built ->
                        remember(
                                key,
                                new BuildState.Done(
                                        built.manifest().module(),
                                        built.module().length,
                                        built.manifest().functions(),
                                        0,
                                        1));
                case ProgramOutcome.Refused refused ->
                        remember(key, new BuildState.Failed(refused.problems(), 1));
                case ProgramOutcome.Inconclusive unclear ->
                        new BuildOutcome.Unavailable(unclear.problem().message());
            };
        } catch (BuildMachineException e) {
            return new BuildOutcome.Unavailable(requireNonNull(e.getMessage()));
        }
    }

    private BuildOutcome remember(Digest key, BuildState state) {
        try {
            Path unfinished = Files.createTempFile(results, key.hex(), ".new");
            Files.write(unfinished, BuildRecords.encode(state));
            Files.move(unfinished, results.resolve(key.hex()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // It is only built again next time.
            log.warn("result {} cannot be kept", key, e);
        }
        return outcomeOf(key, state);
    }

    private @Nullable BuildState load(Digest key) {
        try {
            return BuildRecords.decodeState(Files.readAllBytes(results.resolve(key.hex())));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | StoreException e) {
            log.warn("result {} cannot be read and is made again", key, e);
            return null;
        }
    }

    private static BuildOutcome outcomeOf(Digest key, BuildState state) {
        return switch (state) {
            case BuildState.Done done ->
                    new BuildOutcome.Built(key, done.artifact(), done.functions());
            case BuildState.Failed failed -> new BuildOutcome.Rejected(failed.problems());
            case BuildState.Queued _, BuildState.Running _ ->
                    new BuildOutcome.Unavailable("the result of this build was not kept whole");
        };
    }

    private String nameOf(CodeSource.Toolchain toolchain) {
        return toolchain == CodeSource.Toolchain.AUTO
                ? defaultToolchain
                : toolchain.name().toLowerCase(Locale.ROOT);
    }
}
