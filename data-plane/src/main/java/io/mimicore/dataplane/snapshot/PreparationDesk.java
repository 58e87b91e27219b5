package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.ir.Digest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the versions that do not serve yet: at most one in preparation, one that waits for that to
/// end, and one that is ready. Confined to the client's thread.
///
/// What is ready outlives the stream it came by: offered again after a reconnection it is ready at
/// once, so a preparation that takes longer than a control plane waits is not repeated for ever.
final class PreparationDesk {
    private static final Logger log = LoggerFactory.getLogger(PreparationDesk.class);

    private final Preparer preparer;
    private final Ticker ticker;
    private final Listener listener;
    private @Nullable Preparation running;
    private @Nullable SnapshotContent waiting;
    private @Nullable ReadyVersion ready;

    /// Is told what becomes of versions.
    interface Listener {
        /// A preparation is about to start; none runs now.
        void starting(SnapshotContent content);

        /// Has the end of a preparation given to [PreparationDesk#ended]. From any thread.
        void ending(Preparation preparation);

        /// A preparation has ended, well or not.
        void ended();

        /// A version is ready, and stays so until it is taken or given up.
        void ready(ReadyVersion version);

        /// A version cannot be served.
        void refused(SnapshotContent content, List<NodeProblem> problems);
    }

    PreparationDesk(Preparer preparer, Ticker ticker, Listener listener) {
        this.preparer = preparer;
        this.ticker = ticker;
        this.listener = listener;
    }

    /// Has a version prepared, in place of any other.
    void prepare(SnapshotContent content) {
        giveUpUnless(content.version(), content.root());
        ReadyVersion held = ready;
        Preparation current = running;
        if (held != null) {
            listener.ready(held);
        } else if (current == null) {
            start(content);
        } else if (current.isCancelled()) {
            waiting = content;
        }
        // Otherwise just this version is being prepared, for a stream that has ended since.
    }

    /// Gives up every version but this one.
    void giveUpUnless(long version, Digest root) {
        waiting = null;
        ReadyVersion held = ready;
        if (held != null && !held.content().is(version, root)) {
            ready = null;
            held.prepared().discard();
        }
        Preparation current = running;
        if (current != null && !current.content().is(version, root)) {
            current.cancel();
        }
    }

    /// Takes the end of a preparation.
    void ended(Preparation preparation) {
        if (preparation != running) {
            return;
        }
        running = null;
        listener.ended();
        switch (preparation.outcome()) {
            case Preparation.Outcome.Ready(Preparer.Prepared prepared, long nanos) -> {
                var version = new ReadyVersion(preparation.content(), prepared, nanos);
                ready = version;
                listener.ready(version);
            }
            case Preparation.Outcome.Refused(List<NodeProblem> problems) ->
                    listener.refused(preparation.content(), problems);
            case Preparation.Outcome.Cancelled _ -> {}
        }
        SnapshotContent next = waiting;
        waiting = null;
        if (next != null) {
            start(next);
        }
    }

    /// Hands a version out that is ready; `null` if it is not.
    @Nullable ReadyVersion take(long version) {
        ReadyVersion held = ready;
        if (held == null || held.version() != version) {
            return null;
        }
        ready = null;
        return held;
    }

    /// Gives everything up.
    ///
    /// @param patience for a preparation to end
    void close(Duration patience) throws InterruptedException {
        Preparation current = running;
        giveUpUnless(SnapshotContent.NOTHING.version(), SnapshotContent.NOTHING.root());
        if (current != null && !current.await(patience)) {
            log.warn("the preparation of version {} does not end", current.content().version());
        }
    }

    private void start(SnapshotContent content) {
        listener.starting(content);
        running = Preparation.start(content, preparer, ticker, listener::ending);
    }
}
