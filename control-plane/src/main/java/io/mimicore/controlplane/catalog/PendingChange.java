package io.mimicore.controlplane.catalog;

import java.util.concurrent.CompletableFuture;

/// A change that was asked of the admin API and has no outcome yet.
final class PendingChange {
    private final CompletableFuture<AdminOutcome> outcome = new CompletableFuture<>();
    // Confined to the catalog's thread; 0: it has none yet.
    private long number;

    /// Completes with what becomes of it; never fails.
    CompletableFuture<AdminOutcome> outcome() {
        return outcome;
    }

    /// Ends it.
    void end(AdminOutcome with) {
        outcome.complete(with);
    }

    /// Its place in the order of asking, from 1; 0: none yet.
    long number() {
        return number;
    }

    void number(long value) {
        number = value;
    }
}
