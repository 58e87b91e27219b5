package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.catalog.AdminOutcome.Reason;
import io.mimicore.controlplane.catalog.AdminOutcome.Refused;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.ir.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the admin API may change, and in which order. Confined to the catalog's thread.
///
/// Each change has a number in the order of asking. One that is ready after a later one for the
/// same API has gone live is dropped.
final class AdminRules {
    private final Ledger ledger;
    private final Waiters waiters;
    private final Supplier<CatalogView> view;
    private final Map<String, Long> newest = new HashMap<>();
    private long number;
    private int numbered;

    /// @param view the newest view of the catalog
    AdminRules(Ledger ledger, Waiters waiters, Supplier<CatalogView> view) {
        this.ledger = requireNonNull(ledger, "ledger");
        this.waiters = requireNonNull(waiters, "waiters");
        this.view = requireNonNull(view, "view");
    }

    /// A file that was read.
    ///
    /// @param api the API that it declares
    /// @param digest of its bytes
    record Asked(String api, Application application, Digest digest, PendingChange change) {}

    /// Numbers the change, or refuses it.
    ///
    /// @param live takes the form that is live; absent: none
    void begin(Asked asked, CompletableFuture<@Nullable ApiForm> live) {
        Refused refusal = refusal(asked);
        if (refusal != null) {
            asked.change().end(refusal);
            return;
        }
        asked.change().number(++number);
        numbered++;
        live.complete(ledger.live().get(asked.api()));
    }

    /// Ends a change that comes to nothing.
    void end(Asked asked, AdminOutcome outcome) {
        forget(asked.change());
        asked.change().end(outcome);
    }

    /// Makes live what has been compiled, if it still may.
    void install(Asked asked, CompileJobs.Made.Ready ready) {
        long mine = asked.change().number();
        Refused refusal = refusal(asked);
        if (refusal == null && mine < newest.getOrDefault(asked.api(), 0L)) {
            refusal = superseded(asked.api());
        }
        if (refusal != null) {
            end(asked, refusal);
            return;
        }
        newest.put(asked.api(), mine);
        forget(asked.change());
        ledger.install(ready);
        String etag = ready.form().etag();
        waiters.add(
                asked.change(),
                version -> {
                    CatalogView.Api now = view.get().apis().get(asked.api());
                    return now == null || !now.etag().equals(etag)
                            ? superseded(asked.api())
                            : new AdminOutcome.Done(now, version);
                });
    }

    /// Answers what [#install] would.
    void checked(Asked asked, CompileJobs.Made.Ready ready) {
        Refused refusal = refusal(asked);
        if (refusal != null) {
            end(asked, refusal);
            return;
        }
        CatalogView.Api now = view.get().apis().get(asked.api());
        var api =
                new CatalogView.Api(
                        asked.api(),
                        SourceId.ADMIN.value(),
                        ready.form().origin().fileName(),
                        ready.form().etag(),
                        now == null ? 0 : now.liveVersion(),
                        ready.warnings());
        end(asked, new AdminOutcome.Done(api, 0));
    }

    /// Removes an API that was applied.
    void delete(String api, String etag, PendingChange change) {
        FileKey owner = ledger.owners().get(api);
        if (owner == null) {
            change.end(
                    new Refused(Reason.NOT_FOUND, "apis/" + api + ": there is no such API", api));
            return;
        }
        Refused refusal =
                owner.source().isDirectory() ? owned(api, owner, false) : stale(api, etag);
        if (refusal != null) {
            change.end(refusal);
            return;
        }
        newest.put(api, ++number);
        trim();
        ledger.remove(owner);
        FileKey next = ledger.owners().get(api);
        FileState file = next == null ? null : ledger.file(next);
        var left =
                new CatalogView.Api(
                        api,
                        next == null ? "" : next.source().value(),
                        file == null ? "" : file.name(),
                        "",
                        0,
                        List.of());
        waiters.add(change, version -> new AdminOutcome.Done(left, version));
    }

    private @Nullable Refused refusal(Asked asked) {
        Application application = asked.application();
        String api = asked.api();
        if (!application.api().isEmpty() && !application.api().equals(api)) {
            return new Refused(
                    Reason.NAME_DIFFERS,
                    "the file declares the API " + api + " (expected: " + application.api() + ")",
                    api);
        }
        FileKey owner = ledger.owners().get(api);
        if (owner != null && owner.source().isDirectory()) {
            if (!application.takeOver() && !ledger.isLetGo(owner)) {
                return owned(api, owner, true);
            }
            return stale(api, application.etag());
        }
        ApiForm live = ledger.live().get(api);
        boolean same = live != null && live.origin().source().equals(asked.digest());
        return same ? null : stale(api, application.etag());
    }

    private Refused owned(String api, FileKey owner, boolean mayTakeOver) {
        FileState file = ledger.file(owner);
        String name = file == null ? owner.name() : file.name();
        return new Refused(
                Reason.OWNED_BY_DIRECTORY,
                "apis/"
                        + api
                        + " belongs to the file "
                        + name
                        + " of "
                        + owner.source()
                        + (mayTakeOver
                                ? ": change it there, or take it over (--take-over, take_over)"
                                : ": remove it there"),
                owner.source().value());
    }

    private @Nullable Refused stale(String api, String etag) {
        ApiForm live = ledger.live().get(api);
        String now = live == null ? "" : live.etag();
        return etag.isEmpty() || etag.equals(now)
                ? null
                : new Refused(
                        Reason.ETAG_DIFFERS,
                        "apis/"
                                + api
                                + " has "
                                + (now.isEmpty()
                                        ? "no etag, as nothing is live"
                                        : "the etag " + now)
                                + " (expected: "
                                + etag
                                + ")",
                        now);
    }

    private static Refused superseded(String api) {
        return new Refused(
                Reason.SUPERSEDED,
                "apis/" + api + ": a change that was asked for later is live already",
                api);
    }

    private void forget(PendingChange change) {
        if (change.number() > 0) {
            numbered--;
        }
        trim();
    }

    /// Nothing can be superseded when nothing is under way.
    private void trim() {
        if (numbered == 0) {
            newest.clear();
        }
    }
}
