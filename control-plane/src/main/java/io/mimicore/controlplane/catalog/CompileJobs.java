package io.mimicore.controlplane.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildQueue;
import io.mimicore.build.SourceProblem;
import io.mimicore.config.CodeSource;
import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.ReferencedFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The slow parts of the catalog's work: reading files' text, building code, compiling.
///
/// Thread-safe; methods block and are called on virtual threads. As many files as there are
/// processors are read or compiled at once, and [#BUILDS_MAX] wait for builds. A build that nobody
/// wants any more is left to end: its result is kept by its key, and an interrupt would hit
/// whatever store the build queue is just using.
final class CompileJobs {
    private static final Logger log = LoggerFactory.getLogger(CompileJobs.class);

    /// Builds that are asked for at once.
    static final int BUILDS_MAX = 32;

    private final ConfigLanguage language;
    private final BuildQueue builds;
    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Semaphore processors =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));
    private final Semaphore building = new Semaphore(BUILDS_MAX);

    CompileJobs(
            ConfigLanguage language,
            BuildQueue builds,
            ArtifactStore artifacts,
            InstantSource clock) {
        this.language = requireNonNull(language, "language");
        this.builds = requireNonNull(builds, "builds");
        this.artifacts = requireNonNull(artifacts, "artifacts");
        this.clock = requireNonNull(clock, "clock");
    }

    /// A file as the catalog knows it.
    ///
    /// @param name how diagnostics call it
    /// @param directory where it lies; absent: nowhere, it was applied
    record Subject(FoundFile file, String name, @Nullable Path directory) {}

    /// What compiling gave.
    ///
    /// @param references the files that were read for it
    record Result(Made made, List<ReferencedFile> references) {}

    /// What became of a file.
    sealed interface Made {
        /// It can go live.
        ///
        /// @param content new content by digest; empty: nothing is new
        record Ready(ApiForm form, Map<Digest, byte[]> content, List<Diagnostic> warnings)
                implements Made {}

        /// It is wrong.
        record Wrong(List<Diagnostic> problems) implements Made {}

        /// It could not be built; it is worth another try.
        record Unbuilt(List<Diagnostic> problems) implements Made {}
    }

    /// Reads the file's text.
    @SuppressWarnings("IllegalCatch") // a defect that one file shows must not stop the others
    ConfigLanguage.Reading read(Subject subject) throws InterruptedException {
        processors.acquire();
        try {
            return language.read(new ConfigFile(subject.name(), subject.file().content()));
        } catch (RuntimeException e) {
            return new ConfigLanguage.Reading.Unreadable(null, defect(subject, e));
        } finally {
            processors.release();
        }
    }

    /// What has to be compiled again of an API that was applied: the compiler is another one, its
    /// warnings are to be told, or its artifact is gone.
    ///
    /// @return the author's bytes; absent: nothing has to
    byte @Nullable [] stale(ApiForm form, Function<Digest, byte[]> content)
            throws InterruptedException {
        processors.acquire();
        try {
            return isSame(form, form.origin()) ? null : content.apply(form.origin().source());
        } catch (StoreException e) {
            log.warn("cannot read what was applied api={} cause={}", form.api(), e.getMessage());
            return null;
        } finally {
            processors.release();
        }
    }

    /// Builds and compiles, unless `live` was made from the same bytes by the same compiler.
    ///
    /// @param live the API's form that is live; absent: none
    @SuppressWarnings("IllegalCatch") // a defect that one file shows must not stop the others
    Result compile(Subject subject, ConfigLanguage.Draft draft, @Nullable ApiForm live)
            throws InterruptedException {
        try {
            return compileUnguarded(subject, draft, live);
        } catch (RuntimeException e) {
            return new Result(new Made.Wrong(defect(subject, e)), List.of());
        }
    }

    private Result compileUnguarded(
            Subject subject, ConfigLanguage.Draft draft, @Nullable ApiForm live)
            throws InterruptedException {
        CodeSource source = draft.code();
        CodeFile codeFile =
                source instanceof CodeSource.File file
                        ? codeFile(subject.directory(), file.path())
                        : null;
        List<ReferencedFile> references =
                codeFile == null || codeFile.reference() == null
                        ? List.of()
                        : List.of(codeFile.reference());
        byte[] codeBytes = codeFile == null ? null : codeFile.content();
        Digest code = codeBytes == null ? null : Digest.of(codeBytes);
        var origin =
                new ApiForm.Origin(
                        subject.file().key().source(),
                        subject.name(),
                        subject.file().digest(),
                        code);
        if (live != null && isSame(live, origin) && (codeFile == null || codeBytes != null)) {
            return new Result(reuse(live, origin), references);
        }
        BuildOutcome outcome = build(source, codeFile);
        return new Result(compileBuilt(subject, draft, origin, outcome), references);
    }

    private CodeFile codeFile(@Nullable Path directory, String path) {
        return directory == null
                ? CodeFile.withoutDirectory(path)
                : CodeFile.read(directory, path, clock);
    }

    private @Nullable BuildOutcome build(@Nullable CodeSource source, @Nullable CodeFile file)
            throws InterruptedException {
        return switch (source) {
            case null -> null;
            case CodeSource.Inline inline ->
                    build(inline.text().getBytes(UTF_8), false, inline.toolchain());
            case CodeSource.File reference -> {
                byte[] content = file == null ? null : file.content();
                if (content == null) {
                    String refusal = file == null ? "" : file.refusal();
                    var problem = new SourceProblem(0, 0, "GO_FILE", refusal, "");
                    yield new BuildOutcome.Rejected(List.of(problem));
                }
                boolean wasm = CodeFile.isModule(reference.path());
                yield build(content, wasm, reference.toolchain());
            }
        };
    }

    private BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain)
            throws InterruptedException {
        building.acquire();
        try {
            return builds.build(source, wasm, toolchain);
        } catch (StoreException e) {
            return new BuildOutcome.Unavailable("the store failed: " + e.getMessage());
        } finally {
            building.release();
        }
    }

    private Made compileBuilt(
            Subject subject,
            ConfigLanguage.Draft draft,
            ApiForm.Origin origin,
            @Nullable BuildOutcome outcome)
            throws InterruptedException {
        ConfigLanguage.Form form;
        processors.acquire();
        try {
            form = draft.compile(outcome);
        } finally {
            processors.release();
        }
        return switch (form) {
            case ConfigLanguage.Form.Rejected rejected ->
                    outcome instanceof BuildOutcome.Unavailable
                            ? new Made.Unbuilt(rejected.problems())
                            : new Made.Wrong(rejected.problems());
            case ConfigLanguage.Form.Compiled compiled -> {
                Digest ir = Digest.of(compiled.ir());
                List<Digest> needed =
                        outcome instanceof BuildOutcome.Built built
                                ? List.of(built.artifact())
                                : List.of();
                var ready =
                        new ApiForm(
                                new ApiEntry(draft.api(), ir, needed),
                                origin,
                                language.version(),
                                compiled.routes(),
                                compiled.ir().length,
                                !compiled.warnings().isEmpty());
                Map<Digest, byte[]> content =
                        Map.of(ir, compiled.ir(), origin.source(), subject.file().content());
                yield new Made.Ready(ready, content, compiled.warnings());
            }
        };
    }

    /// Whether compiling again would give what is live. Warnings are not kept, so a file with some
    /// is compiled again to have them; an artifact that has gone is built again.
    private boolean isSame(ApiForm live, ApiForm.Origin origin) {
        return live.compiler().equals(language.version())
                && !live.warned()
                && live.origin().source().equals(origin.source())
                && java.util.Objects.equals(live.origin().code(), origin.code())
                && live.entry().artifacts().stream().allMatch(this::isStored);
    }

    private boolean isStored(Digest artifact) {
        try {
            return artifacts.contains(artifact);
        } catch (StoreException e) {
            // What is live stays live while the artifact store cannot be asked.
            log.warn("cannot ask for an artifact digest={} cause={}", artifact, e.getMessage());
            return true;
        }
    }

    private static Made reuse(ApiForm live, ApiForm.Origin origin) {
        var form =
                new ApiForm(
                        live.entry(),
                        origin,
                        live.compiler(),
                        live.routes(),
                        live.irBytes(),
                        false);
        return new Made.Ready(form, Map.of(), List.of());
    }

    private static List<Diagnostic> defect(Subject subject, RuntimeException cause) {
        log.error("compiling failed file={}", subject.name(), cause);
        return List.of(
                Diagnostic.error(
                        Place.of(subject.name(), 1, 1, ""),
                        DiagnosticCode.INTERNAL,
                        "compiling this file failed: " + cause,
                        "this is a defect of Mimicore; its log holds the details"));
    }
}
