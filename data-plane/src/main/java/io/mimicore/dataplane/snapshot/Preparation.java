package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of PREPARE, on a thread of its own: the client goes on listening meanwhile, and a
/// version that brings the preparation down takes nothing else with it.
///
/// Its end is told through a callback, once, from its thread. Whoever started it takes the outcome
/// or cancels it; a result that comes in spite of that is given up here.
final class Preparation {
    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    private final SnapshotContent content;
    private final Thread thread;
    private final AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();

    /// How it ended.
    sealed interface Outcome {
        /// @param nanos that it took
        record Ready(Preparer.Prepared prepared, long nanos) implements Outcome {}

        /// The version cannot be served.
        record Refused(List<NodeProblem> problems) implements Outcome {}

        /// Nobody wanted it any longer.
        record Cancelled() implements Outcome {}
    }

    private Preparation(
            SnapshotContent content, Preparer preparer, Ticker ticker, Consumer<Preparation> end) {
        this.content = content;
        this.thread =
                Thread.ofPlatform()
                        .name("snapshot-prepare-" + content.version())
                        .daemon()
                        .unstarted(() -> {
                            finish(run(content, preparer, Preparer.Sources.ANYWHERE, ticker));
                            end.accept(this);
                        });
    }

    /// Starts a run.
    static Preparation start(
            SnapshotContent content, Preparer preparer, Ticker ticker, Consumer<Preparation> end) {
        var preparation = new Preparation(content, preparer, ticker, end);
        preparation.thread.start();
        return preparation;
    }

    /// Prepares on the caller's thread.
    @SuppressWarnings("IllegalCatch") // the border: whatever a version does, the node outlives it
    static Outcome run(
            SnapshotContent content, Preparer preparer, Preparer.Sources sources, Ticker ticker) {
        long startNanos = ticker.nanos();
        try {
            Preparer.Prepared prepared = preparer.prepare(content, sources);
            return new Outcome.Ready(prepared, ticker.nanos() - startNanos);
        } catch (RejectedException e) {
            return new Outcome.Refused(e.problems());
        } catch (InterruptedException _) {
            return new Outcome.Cancelled();
        } catch (Throwable e) {
            log.error("preparing version {} failed", content.version(), e);
            return new Outcome.Refused(
                    List.of(new NodeProblem("", "INTERNAL", "preparing failed: " + e)));
        }
    }

    /// What is prepared.
    SnapshotContent content() {
        return content;
    }

    /// Makes it end soon; its result is not wanted, even if it is there already.
    void cancel() {
        Outcome before = outcome.getAndSet(new Outcome.Cancelled());
        if (before == null) {
            thread.interrupt();
        } else {
            discard(before);
        }
    }

    /// Whether it was cancelled.
    boolean isCancelled() {
        return outcome.get() instanceof Outcome.Cancelled;
    }

    /// How it ended. Only once it has.
    Outcome outcome() {
        Outcome ended = outcome.get();
        if (ended == null) {
            throw new IllegalStateException("outcome: none (expected: only after the end)");
        }
        return ended;
    }

    /// Waits for its end.
    ///
    /// @return whether it came in time
    boolean await(Duration patience) throws InterruptedException {
        return thread.join(patience);
    }

    private void finish(Outcome result) {
        if (!outcome.compareAndSet(null, result)) {
            discard(result);
        }
    }

    private static void discard(Outcome unwanted) {
        if (unwanted instanceof Outcome.Ready(Preparer.Prepared prepared, long _)) {
            prepared.discard();
        }
    }
}
