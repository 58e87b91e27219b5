package io.mimicore.controlplane.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildOutcome;
import io.mimicore.config.CodeSource;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.ReferencedFile;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Does the ledger's work when the test says so. A file's text says what it comes to: `?` is
/// unreadable, `name` is right, `name!` is wrong, `name~` cannot be built now; what follows a space
/// tells versions apart.
final class FakeWork implements Ledger.Work {
    private final Deque<Runnable> pending = new ArrayDeque<>();
    private final List<String> compiled = new ArrayList<>();
    private final List<String> reloaded = new ArrayList<>();
    private final List<FileKey> askedAgain = new ArrayList<>();
    private final List<Runnable> retries = new ArrayList<>();
    private @Nullable Ledger ledger;

    void attach(Ledger target) {
        ledger = target;
    }

    /// Does everything that was asked for, in order, and what comes of it.
    void runAll() {
        while (!pending.isEmpty()) {
            pending.remove().run();
        }
    }

    /// Does the oldest thing that was asked for.
    void runOne() {
        pending.remove().run();
    }

    /// Tries again what could not be built.
    void retry() {
        List<Runnable> due = List.copyOf(retries);
        retries.clear();
        due.forEach(Runnable::run);
    }

    /// The texts that were compiled, in order.
    List<String> compiled() {
        return compiled;
    }

    @Override
    public void read(FileState file, @Nullable Path directory) {
        FoundFile found = requireNonNull(file.found(), "found");
        long generation = file.generation();
        FileKey key = file.key();
        pending.add(() -> target().read(key, generation, reading(file.name(), found)));
    }

    @Override
    public void compile(FileState file, @Nullable Path directory, @Nullable ApiForm form) {
        FoundFile found = requireNonNull(file.found(), "found");
        long generation = file.generation();
        String name = file.name();
        pending.add(() -> {
            compiled.add(text(found));
            target().compiled(found.key(), generation, result(name, found));
        });
    }

    @Override
    public void reload(FileState file, ApiForm form) {
        long generation = file.generation();
        FileKey key = file.key();
        reloaded.add(key.name());
        pending.add(() -> target().reloaded(key, generation, null));
    }

    @Override
    public void tellAgain(FileKey file) {
        askedAgain.add(file);
    }

    /// The APIs that were looked at because they were applied, in order.
    List<String> reloaded() {
        return reloaded;
    }

    /// The files that were to be told again, in order.
    List<FileKey> askedAgain() {
        return askedAgain;
    }

    @Override
    public void watchAlso(FileKey config, List<ReferencedFile> references) {
        // These tests name no other files.
    }

    @Override
    public void retryLater(FileKey file, long generation, int failures) {
        retries.add(() -> target().retry(file, generation));
    }

    private Ledger target() {
        return requireNonNull(ledger, "ledger");
    }

    private static ConfigLanguage.Reading reading(String name, FoundFile found) {
        String text = text(found);
        return text.equals("?")
                ? new ConfigLanguage.Reading.Unreadable(
                        null, List.of(problem(name, DiagnosticCode.JSON_SYNTAX)))
                : new ConfigLanguage.Reading.Declared(new TextDraft(apiOf(text), apiPlace(name)));
    }

    private static CompileJobs.Result result(String name, FoundFile found) {
        String text = text(found);
        String first = text.split(" ", 2)[0];
        if (first.endsWith("!")) {
            return made(
                    new CompileJobs.Made.Wrong(
                            List.of(problem(name, DiagnosticCode.FIELD_UNKNOWN))));
        }
        if (first.endsWith("~")) {
            return made(
                    new CompileJobs.Made.Unbuilt(
                            List.of(problem(name, DiagnosticCode.BUILD_UNAVAILABLE))));
        }
        return made(
                new CompileJobs.Made.Ready(
                        form(name, found.key(), text),
                        Map.of(found.digest(), found.content()),
                        List.of()));
    }

    /// The form that a right text comes to.
    static ApiForm form(String name, FileKey key, String text) {
        Digest digest = Digest.of(text.getBytes(UTF_8));
        return new ApiForm(
                new ApiEntry(apiOf(text), digest, List.of()),
                new ApiForm.Origin(key.source(), name, digest, null),
                "test",
                1,
                text.length(),
                false);
    }

    private static CompileJobs.Result made(CompileJobs.Made made) {
        return new CompileJobs.Result(made, List.of());
    }

    private static Diagnostic problem(String name, DiagnosticCode code) {
        return Diagnostic.error(Place.of(name, 1, 1, ""), code, "wrong", "");
    }

    private static String apiOf(String text) {
        return text.split("[ !~]", 2)[0];
    }

    private static String text(FoundFile found) {
        return new String(found.content(), UTF_8);
    }

    /// Where a file of this name would give its API the name.
    static Place apiPlace(String name) {
        return Place.of(name, 2, 10, "/api");
    }

    private record TextDraft(String api, Place apiPlace) implements ConfigLanguage.Draft {
        @Override
        public @Nullable CodeSource code() {
            return null;
        }

        @Override
        public ConfigLanguage.Form compile(@Nullable BuildOutcome code) {
            throw new AssertionError("not called");
        }
    }
}
