package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.ir.Digest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The admin API as a source of configs, for as long as one leadership lasts.
///
/// A file is read, built and compiled on a virtual thread of its own, by the very steps of a
/// directory's file; who may have the name is asked on the catalog's thread before, so that nobody
/// waits for a build in vain, and again when it is to go live. Whoever asked last wins: a slow
/// build never replaces what was asked for after it.
///
/// What was begun goes on when nobody waits for it any more. At most [#PENDING_MAX] changes are
/// under way. Thread-safe.
public final class AdminSource {
    /// Changes that are built or wait for the store at once; further ones are refused.
    public static final int PENDING_MAX = 64;

    private final CompileJobs jobs;
    private final AdminRules rules;
    private final Consumer<Runnable> catalogThread;
    private final Semaphore pending = new Semaphore(PENDING_MAX);
    private final Set<PendingChange> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param catalogThread runs something on the catalog's thread; may block while it is busy
    AdminSource(CompileJobs jobs, AdminRules rules, Consumer<Runnable> catalogThread) {
        this.jobs = requireNonNull(jobs, "jobs");
        this.rules = requireNonNull(rules, "rules");
        this.catalogThread = requireNonNull(catalogThread, "catalogThread");
    }

    /// Makes a file live.
    ///
    /// @return completes when it is stored or refused; never fails
    public CompletableFuture<AdminOutcome> apply(Application application) {
        return run("admin-apply", change -> compile(application, false, change));
    }

    /// Does everything but making the file live.
    public CompletableFuture<AdminOutcome> check(Application application) {
        return run("admin-check", change -> compile(application, true, change));
    }

    /// Removes an API that was applied.
    ///
    /// @param etag what it must be; empty: whatever it is
    public CompletableFuture<AdminOutcome> delete(String api, String etag) {
        return run(
                "admin-delete",
                change -> catalogThread.accept(() -> rules.delete(api, etag, change)));
    }

    private CompletableFuture<AdminOutcome> run(String name, Step step) {
        var change = new PendingChange();
        if (!pending.tryAcquire()) {
            change.end(
                    new AdminOutcome.Refused(
                            AdminOutcome.Reason.TOO_MANY_PENDING,
                            PENDING_MAX + " changes wait already: try again later",
                            ""));
            return change.outcome();
        }
        open.add(change);
        var _ =
                change.outcome()
                        .whenComplete((_, _) -> {
                            open.remove(change);
                            pending.release();
                        });
        if (closed) {
            change.end(ended());
        }
        Thread.ofVirtual()
                .name(name)
                .start(() -> {
                    try {
                        step.run(change);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
        return change.outcome().copy();
    }

    /// Answers whoever still waits; called when the catalog has stopped.
    void close() {
        closed = true;
        List.copyOf(open).forEach(change -> change.end(ended()));
    }

    private static AdminOutcome ended() {
        return new AdminOutcome.Refused(
                AdminOutcome.Reason.LEADERSHIP_ENDED,
                "this control plane has stopped leading: ask again, what is done is not done twice",
                "");
    }

    private void compile(Application application, boolean checkOnly, PendingChange change)
            throws InterruptedException {
        var key = new FileKey(SourceId.ADMIN, application.file().name());
        byte[] content = application.file().content();
        var found = new FoundFile(key, content, Digest.of(content));
        var subject = new CompileJobs.Subject(found, application.file().name(), null);
        switch (jobs.read(subject)) {
            case ConfigLanguage.Reading.Unreadable unreadable ->
                    change.end(new AdminOutcome.Wrong(unreadable.problems()));
            case ConfigLanguage.Reading.Declared declared -> {
                var asked =
                        new AdminRules.Asked(
                                declared.draft().api(), application, found.digest(), change);
                CompletableFuture<@Nullable ApiForm> live = new CompletableFuture<>();
                catalogThread.accept(() -> rules.begin(asked, live));
                // Ends also when the catalog does.
                var _ = change.outcome().whenComplete((_, _) -> live.cancel(false));
                compile(asked, new Work(subject, declared.draft(), checkOnly), live);
            }
        }
    }

    private record Work(
            CompileJobs.Subject subject, ConfigLanguage.Draft draft, boolean checkOnly) {}

    private void compile(
            AdminRules.Asked asked, Work work, CompletableFuture<@Nullable ApiForm> begun)
            throws InterruptedException {
        @Nullable ApiForm live;
        try {
            live = begun.join();
        } catch (CancellationException _) {
            return;
        }
        switch (jobs.compile(work.subject(), work.draft(), live).made()) {
            case CompileJobs.Made.Ready ready ->
                    catalogThread.accept(() -> {
                        if (work.checkOnly()) {
                            rules.checked(asked, ready);
                        } else {
                            rules.install(asked, ready);
                        }
                    });
            case CompileJobs.Made.Wrong wrong ->
                    end(asked, new AdminOutcome.Wrong(wrong.problems()));
            case CompileJobs.Made.Unbuilt unbuilt -> end(asked, unavailable(unbuilt));
        }
    }

    private void end(AdminRules.Asked asked, AdminOutcome outcome) {
        catalogThread.accept(() -> rules.end(asked, outcome));
    }

    private static AdminOutcome unavailable(CompileJobs.Made.Unbuilt unbuilt) {
        String why = unbuilt.problems().isEmpty() ? "" : unbuilt.problems().getFirst().message();
        return new AdminOutcome.Refused(
                AdminOutcome.Reason.BUILD_UNAVAILABLE, "its code cannot be built: " + why, "");
    }

    /// Something that takes time and ends the change, or has it ended.
    @FunctionalInterface
    private interface Step {
        void run(PendingChange change) throws InterruptedException;
    }
}
