package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildQueue;
import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks a file by the very way it would go live, without letting it.
///
/// Thread-safe; blocks while code is built.
public final class FileCheck {
    private final ConfigLanguage language = new JsonConfigLanguage();
    private final CompileJobs jobs;

    /// @param builds builds the code; what it builds is not published
    public FileCheck(BuildQueue builds, ArtifactStore artifacts, InstantSource clock) {
        this.jobs = new CompileJobs(language, builds, artifacts, clock);
    }

    /// What is known of a file.
    ///
    /// @param api the API it declares; absent: unknown
    /// @param apiPlace where the file names it; the file's beginning where that is unknown
    /// @param diagnostics by place; without an error the file can go live
    public record Checked(@Nullable String api, Place apiPlace, List<Diagnostic> diagnostics) {
        public Checked {
            diagnostics = List.copyOf(diagnostics);
        }

        /// The same file with these diagnostics.
        public Checked with(List<Diagnostic> all) {
            return new Checked(api, apiPlace, all);
        }
    }

    /// Reads, builds and compiles.
    ///
    /// @param directory where the file lies, and its `source` is looked for; absent: it has none,
    ///   as it is to be applied
    public Checked check(ConfigFile file, @Nullable Path directory) throws InterruptedException {
        requireNonNull(file, "file");
        SourceId source = directory == null ? SourceId.ADMIN : SourceId.directory(directory);
        var key = new FileKey(source, file.name());
        var found = new FoundFile(key, file.content(), Digest.of(file.content()));
        var subject = new CompileJobs.Subject(found, file.name(), directory);
        return switch (jobs.read(subject)) {
            case ConfigLanguage.Reading.Unreadable unreadable ->
                    new Checked(
                            unreadable.api(),
                            Place.of(file.name(), 1, 1, ""),
                            unreadable.problems());
            case ConfigLanguage.Reading.Declared declared -> {
                ConfigLanguage.Draft draft = declared.draft();
                CompileJobs.Made made = jobs.compile(subject, draft, null).made();
                yield new Checked(draft.api(), draft.apiPlace(), diagnostics(made));
            }
        };
    }

    private static List<Diagnostic> diagnostics(CompileJobs.Made made) {
        return switch (made) {
            case CompileJobs.Made.Ready ready -> ready.warnings();
            case CompileJobs.Made.Wrong wrong -> wrong.problems();
            case CompileJobs.Made.Unbuilt unbuilt -> unbuilt.problems();
        };
    }
}
