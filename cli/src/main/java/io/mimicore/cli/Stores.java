package io.mimicore.cli;

import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The two stores that control planes and workers of a cluster share. Whoever opened them closes
/// them.
///
/// @param keys the cluster's part of the metadata
record Stores(MetadataStore metadata, StoreKeys keys, OpenArtifacts opened) {
    private static final Logger log = LoggerFactory.getLogger(Stores.class);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration CHECK = Duration.ofSeconds(5);
    private static final String LATER = "new code waits for it, nothing else does";

    ArtifactStore artifacts() {
        return opened.store();
    }

    /// Waits until the metadata store answers; says once that it does not.
    void awaitMetadata() throws InterruptedException {
        await("metadata store", () -> metadata.get(keys.channels()));
    }

    /// Waits until the artifact store answers; says once that it does not.
    ///
    /// @throws CommandFailure if it answers that it cannot be used
    void awaitArtifacts() throws InterruptedException {
        await("artifact store", opened::ask);
    }

    /// Asks the artifact store, and waits only shortly for the answer: a role that serves others
    /// does so without it.
    ///
    /// @throws CommandFailure if it answers that it cannot be used
    void checkArtifacts() throws InterruptedException {
        var answer = new CompletableFuture<Void>();
        Thread.ofVirtual().name("artifact-store-check").start(() -> check(answer));
        try {
            answer.get(CHECK.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            answer.cancel(false);
            log.warn(
                    "the artifact store does not answer within {} s: {}", CHECK.toSeconds(), LATER);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailure refused) {
                throw refused;
            }
            log.warn(
                    "the artifact store does not answer: {}: {}",
                    LATER,
                    String.valueOf(e.getCause()));
        }
    }

    @SuppressWarnings("IllegalCatch") // handed over, and thrown there
    private void check(CompletableFuture<Void> answer) {
        try {
            opened.ask();
            answer.complete(null);
        } catch (RuntimeException e) {
            if (!answer.completeExceptionally(e)) {
                log.error("the artifact store cannot be used: {}", e.getMessage());
            }
        }
    }

    private static void await(String what, Runnable question) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                question.run();
                return;
            } catch (StoreException e) {
                if (!told) {
                    log.warn("waiting for the {}: {}", what, e.getMessage());
                    told = true;
                }
            }
            LockSupport.parkNanos(RETRY.toNanos());
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped while the " + what + " was waited for");
            }
        }
    }
}
