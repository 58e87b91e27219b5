package io.mimicore.compiler.worker;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stores artifacts, and says whether there is a point in building: what cannot be published would
/// be built in vain.
///
/// Closed by an artifact that could not be stored; opened again by a question that the artifact
/// store answers, asked at most once in [#ASK_EVERY]. So builds that wait for the store cost it
/// next to nothing, and go on within that time once it is back. A store that answers questions and
/// still takes no artifact (no such bucket, no right to write, no room) is asked ever more seldom,
/// down to once in [#ASK_EVERY_MAX].
///
/// Thread-safe; one caller at a time asks and the others do not wait for it.
final class PublishGate {
    /// Between two questions.
    static final Duration ASK_EVERY = Duration.ofSeconds(2);

    /// Between two questions when the answers have been misleading.
    static final Duration ASK_EVERY_MAX = Duration.ofSeconds(64);

    private static final Logger log = LoggerFactory.getLogger(PublishGate.class);

    // Any name does: the answer that there is none is an answer.
    private static final Digest ASKED_FOR = Digest.of();

    private final ArtifactStore artifacts;
    private final LongSupplier ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Digest> waiting = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String reason;
    private Duration pause = ASK_EVERY;
    private long askAtNanos;

    PublishGate(ArtifactStore artifacts, LongSupplier ticker) {
        this.artifacts = artifacts;
        this.ticker = ticker;
    }

    /// Stores an artifact; opens or closes the gate.
    ///
    /// @throws StoreException if it cannot be stored; its message is for the build's record
    ArtifactStore.Stored put(byte[] artifact) {
        try {
            ArtifactStore.Stored stored = artifacts.put(artifact);
            opened(/* forSure= */ true);
            return stored;
        } catch (StoreException e) {
            String why = "the artifact store failed: " + e.getMessage();
            closed(why, e);
            throw new StoreException(why, e);
        }
    }

    /// Why nothing can be published; absent: it can, as far as is known.
    @Nullable String closedBecause() {
        if (reason != null && lock.tryLock()) {
            try {
                ask();
            } finally {
                lock.unlock();
            }
        }
        return reason;
    }

    boolean isClosed() {
        return reason != null;
    }

    /// Notes that a build waits for the gate.
    ///
    /// @return whether that is new
    boolean await(Digest build) {
        return waiting.add(build);
    }

    /// Whether a build is known to wait for the gate.
    boolean isAwaitedBy(Digest build) {
        return waiting.contains(build);
    }

    private void ask() {
        if (reason == null || ticker.getAsLong() - askAtNanos < 0) {
            return;
        }
        try {
            boolean _ = artifacts.contains(ASKED_FOR);
            opened(/* forSure= */ false);
        } catch (StoreException e) {
            log.debug("the artifact store still fails", e);
        }
        askAtNanos = ticker.getAsLong() + pause.toNanos();
    }

    private void opened(boolean forSure) {
        lock.lock();
        try {
            if (forSure) {
                pause = ASK_EVERY;
            }
            if (reason != null) {
                reason = null;
                waiting.clear();
                log.info("the artifact store answers again");
            }
        } finally {
            lock.unlock();
        }
    }

    private void closed(String why, StoreException cause) {
        lock.lock();
        try {
            if (reason == null) {
                log.warn("builds wait until artifacts can be stored", cause);
                askAtNanos = ticker.getAsLong() + pause.toNanos();
                // Taken back when an artifact is stored.
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(ASK_EVERY_MAX) > 0 ? ASK_EVERY_MAX : doubled;
            }
            reason = why;
        } finally {
            lock.unlock();
        }
    }
}
