package io.mimicore.compiler.local;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildQueue;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.GoSource;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.program.ProgramBuild;
import io.mimicore.compiler.program.ProgramOutcome;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.toolchain.GoToolchain;
import io.mimicore.compiler.toolchain.PrebuiltModule;
import io.mimicore.compiler.toolchain.ProgramSearch;
import io.mimicore.compiler.toolchain.Toolchain;
import io.mimicore.config.CodeSource;
import io.mimicore.ir.Digest;
import io.mimicore.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds on this machine and publishes nothing: what the author's program is worth, and which
/// functions it has.
///
/// The last [#RESULTS_MAX] results are kept under their build key in a directory, so the same
/// program is looked at once. Thread-safe.
public final class LocalBuilds implements BuildQueue, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalBuilds.class);
    private static final String DEFAULT_TOOLCHAIN = GoToolchain.NAME;

    /// Results kept. One is a few hundred bytes; more only make the directory slow to read.
    static final int RESULTS_MAX = 1_000;

    private final Path home;
    private final Path results;
    private final CompileMemory memory = CompileMemory.ofThisProcess();
    private final ProgramSearch search;
    private final ReentrantLock finding = new ReentrantLock();
    private @Nullable BuildSandbox sandbox;
    private @Nullable FoundToolchains toolchains;

    private LocalBuilds(Path home, ProgramSearch search) {
        this.home = home;
        this.results = home.resolve("results");
        this.search = search;
    }

    /// Builds with the toolchains of this machine, which are looked for at the first build.
    ///
    /// @param home where caches and results live; processes may share it
    /// @param environment the process's variables: `PATH`, `GOROOT` and others say where to look
    public static LocalBuilds open(Path home, Map<String, String> environment) {
        return new LocalBuilds(home, ProgramSearch.of(environment));
    }

    /// {@inheritDoc}
    ///
    /// The artifact of what was built here is the module itself: nothing is signed.
    @Override
    public BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain)
            throws InterruptedException {
        String name = wasm ? PrebuiltModule.NAME : nameOf(toolchain);
        try {
            FoundToolchains known = find();
            for (Toolchain candidate : known.toolchains()) {
                if (candidate.name().equals(name)) {
                    byte[] content = wasm ? source : GoSource.withUnixLines(source);
                    return build(candidate, new BuildRequest(name, candidate.version(), content));
                }
            }
            return new BuildOutcome.Unavailable(
                    known.missing().getOrDefault(name, "there is no toolchain " + name));
        } catch (BuildMachineException | IOException e) {
            return new BuildOutcome.Unavailable(
                    "programs cannot be built here, with caches in "
                            + home
                            + ": "
                            + e.getMessage());
        }
    }

    /// Removes what is left of builds; results and caches stay.
    @Override
    public void close() {
        finding.lock();
        try {
            if (sandbox != null) {
                sandbox.close();
            }
        } catch (IOException e) {
            log.warn("build directories under {} cannot be removed", home, e);
        } finally {
            finding.unlock();
        }
    }

    private BuildOutcome build(Toolchain toolchain, BuildRequest request)
            throws BuildMachineException, InterruptedException {
        Digest key = request.key();
        BuildState known = load(key);
        if (known != null) {
            return outcomeOf(key, known);
        }
        return switch (new ProgramBuild(toolchain, memory).build(request)) {
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
    }

    private FoundToolchains find() throws IOException, BuildMachineException, InterruptedException {
        finding.lockInterruptibly();
        try {
            FoundToolchains known = toolchains;
            if (known == null) {
                Files.createDirectories(results);
                BuildSandbox opened = BuildSandbox.open(home);
                sandbox = opened;
                known = FoundToolchains.find(opened, search);
                toolchains = known;
            }
            return known;
        } finally {
            finding.unlock();
        }
    }

    private BuildOutcome remember(Digest key, BuildState state) {
        try {
            Path unfinished = Files.createTempFile(results, key.hex(), ".new");
            Files.write(unfinished, BuildRecords.encode(state));
            Files.move(unfinished, results.resolve(key.hex()), StandardCopyOption.ATOMIC_MOVE);
            forgetOldest();
        } catch (IOException e) {
            // It is only built again next time.
            log.warn("result {} cannot be kept", key, e);
        }
        return outcomeOf(key, state);
    }

    /// Removes the oldest results above the bound, and what killed processes left unfinished with
    /// them.
    private void forgetOldest() throws IOException {
        Map<Path, FileTime> made = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(results)) {
            for (Path file : files) {
                try {
                    made.put(file, Files.getLastModifiedTime(file));
                } catch (NoSuchFileException e) {
                    log.debug("result {} is gone: another process tidied up", file, e);
                }
            }
        }
        List<Path> oldestFirst =
                made.keySet().stream().sorted(Comparator.comparing(made::get)).toList();
        for (Path file : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - RESULTS_MAX))) {
            Files.deleteIfExists(file);
        }
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
                ? DEFAULT_TOOLCHAIN
                : toolchain.name().toLowerCase(Locale.ROOT);
    }
}
