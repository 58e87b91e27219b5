package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.SnapshotTree;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings versions from the disk or from offers to where they serve.
///
/// ```
/// offer, piece by piece -> OfferAssembly -> Preparation -> prepared -> activate -> slot
/// ```
///
/// At most one offer is assembled, one version prepared and one held prepared. A newer offer takes
/// the place of what came before it. A prepared version outlives its stream: offered again after a
/// reconnection it is ready at once, so a preparation that takes longer than a control plane waits
/// is not repeated for ever.
///
/// Confined to the client's thread, but for [#startFromDisk], which comes before that thread.
final class SnapshotInstaller {
    private static final Logger log = LoggerFactory.getLogger(SnapshotInstaller.class);
    private static final int PROBLEMS_LOGGED_MAX = 10;

    private final NodeDisk disk;
    private final Preparer preparer;
    private final OfferRules rules;
    private final Ticker ticker;
    private final LongConsumer applied;
    private final Port port;

    private SnapshotContent content = SnapshotContent.NOTHING;
    private boolean serving;
    private @Nullable OfferAssembly assembly;
    private long refusedVersion;
    private @Nullable Preparation preparation;
    private @Nullable SnapshotContent waiting;
    private @Nullable ReadyVersion ready;
    private volatile boolean confirmed;

    /// What the installer works with.
    record Tools(
            NodeDisk disk,
            Preparer preparer,
            OfferRules rules,
            Ticker ticker,
            LongConsumer applied) {}

    /// Whom the installer speaks to.
    interface Port {
        /// Sends a message, if there is a stream.
        void send(NodeMessage message);

        /// A version is about to take the place of the one that serves.
        void beforeActivation();

        /// Takes the end of a preparation, from any thread, and has it given to
        /// [SnapshotInstaller#prepared].
        void preparationEnded(Preparation preparation);
    }

    /// A version that waits for its activation.
    private record ReadyVersion(SnapshotContent content, Preparer.Prepared prepared, long nanos) {}

    SnapshotInstaller(Tools tools, Port port) {
        this.disk = tools.disk();
        this.preparer = tools.preparer();
        this.rules = tools.rules();
        this.ticker = tools.ticker();
        this.applied = tools.applied();
        this.port = port;
    }

    /// What serves; [SnapshotContent#NOTHING] when nothing does.
    SnapshotContent content() {
        return content;
    }

    /// Whether anything serves.
    boolean isServing() {
        return serving;
    }

    /// Whether what serves is what a control plane wanted, at some time since the start. From any
    /// thread.
    boolean isConfirmed() {
        return confirmed;
    }

    /// Serves the newest version on disk that can be served with nothing else alive.
    ///
    /// A poisonous one comes last: when there is nothing else it is better than nothing, as the
    /// crashes may have had another cause.
    void startFromDisk() throws InterruptedException {
        disk.guard().start();
        List<SnapshotContent> kept = new java.util.ArrayList<>(disk.slots().load());
        kept.sort(Comparator.comparing(slot -> slot.version() == disk.guard().poison()));
        for (SnapshotContent candidate : kept) {
            disk.guard().preparing(candidate.version());
            switch (Preparation.run(candidate, preparer, Preparer.Sources.DISK, ticker)) {
                case Preparation.Outcome.Ready(Preparer.Prepared prepared, long nanos) -> {
                    serve(new ReadyVersion(candidate, prepared, nanos));
                    cleanArtifacts(content);
                    log.info("serving version {} from disk", candidate.version());
                    return;
                }
                case Preparation.Outcome.Refused(List<NodeProblem> problems) -> {
                    disk.guard().prepared();
                    log.warn(
                            "version {} on disk cannot be served: {}",
                            candidate.version(),
                            few(problems));
                }
                case Preparation.Outcome.Cancelled _ -> {
                    disk.guard().prepared();
                    throw new InterruptedException();
                }
            }
        }
    }

    /// Takes one piece of an offer.
    void offer(Offer piece) {
        long version = piece.getVersion();
        try {
            if (piece.getChunk() == 0) {
                begin(piece);
            }
            OfferAssembly current = assembly;
            if (current == null) {
                if (version == refusedVersion) {
                    // The rest of an offer that has been rejected already.
                    return;
                }
                throw new RejectedException(
                        "", "MALFORMED_OFFER", "piece " + piece.getChunk() + " came first");
            }
            if (current.add(piece)) {
                assembly = null;
                whole(current.apply(content));
            }
        } catch (RejectedException e) {
            assembly = null;
            refusedVersion = version;
            reject(version, e.problems());
        }
    }

    /// Takes the end of a preparation.
    void prepared(Preparation ended) {
        if (ended != preparation) {
            return;
        }
        preparation = null;
        disk.guard().prepared();
        switch (ended.outcome()) {
            case Preparation.Outcome.Ready(Preparer.Prepared prepared, long nanos) ->
                    hold(new ReadyVersion(ended.content(), prepared, nanos));
            case Preparation.Outcome.Refused(List<NodeProblem> problems) ->
                    reject(ended.content().version(), problems);
            case Preparation.Outcome.Cancelled _ -> {}
        }
        SnapshotContent next = waiting;
        waiting = null;
        if (next != null) {
            prepare(next);
        }
    }

    /// The control plane wants this version to serve.
    void activate(long version) {
        ReadyVersion next = ready;
        if (next != null && next.content().version() == version) {
            ready = null;
            confirmed = true;
            long previous = content.version();
            port.beforeActivation();
            serve(next);
            port.send(NodeMessages.active(version));
            disk.slots().save(content, previous);
            cleanArtifacts(content);
        } else if (serving && content.version() == version) {
            port.send(NodeMessages.active(version));
        } else {
            reject(
                    version,
                    List.of(new NodeProblem("", "NOT_PREPARED", "the version is not prepared")));
        }
    }

    /// The control plane has just what serves; for a new node that is nothing at all.
    void inSync(long version) {
        giveUpUnless(null);
        if (!serving) {
            // Not signed and so not kept: it can take no API away, as there is none.
            prepare(
                    new SnapshotContent(
                            version, SnapshotTree.EMPTY.root(), new byte[0], new TreeMap<>()));
        } else if (version == content.version()) {
            confirmed = true;
        } else {
            log.warn(
                    "the control plane takes this node to be at version {}, but it is at {}",
                    version,
                    content.version());
        }
    }

    /// What was half offered will not be completed.
    void streamEnded() {
        assembly = null;
        refusedVersion = 0;
    }

    /// Gives up whatever is not served. What serves goes on.
    ///
    /// @param patience for a preparation to end
    void close(Duration patience) throws InterruptedException {
        Preparation running = preparation;
        try {
            giveUpUnless(null);
            if (running != null && !running.await(patience)) {
                log.warn("the preparation of version {} does not end", running.content().version());
            }
        } finally {
            disk.guard().stopped();
            disk.artifacts().close();
        }
    }

    private void begin(Offer first) throws RejectedException {
        assembly = null;
        if (first.getVersion() == disk.guard().poison()) {
            throw new RejectedException(
                    "", "POISON", "version " + first.getVersion() + " crashed this node twice");
        }
        OfferAssembly next = OfferAssembly.begin(first, content.version(), rules);
        assembly = next;
        giveUpUnless(next);
    }

    /// Gives up what is prepared or being prepared, unless it is what is offered.
    private void giveUpUnless(@Nullable OfferAssembly offered) {
        waiting = null;
        ReadyVersion held = ready;
        if (held != null && !isSame(held.content(), offered)) {
            ready = null;
            held.prepared().discard();
        }
        Preparation running = preparation;
        if (running != null && !isSame(running.content(), offered)) {
            running.cancel();
        }
    }

    private static boolean isSame(SnapshotContent known, @Nullable OfferAssembly offered) {
        return offered != null && known.is(offered.version(), offered.root());
    }

    private void whole(SnapshotContent offered) {
        ReadyVersion held = ready;
        Preparation running = preparation;
        if (held != null) {
            tellPrepared(held);
        } else if (running == null) {
            prepare(offered);
        } else if (running.isCancelled()) {
            waiting = offered;
        }
        // Otherwise just this version is being prepared, for a stream that has ended since.
    }

    private void prepare(SnapshotContent next) {
        if (preparation != null) {
            waiting = next;
            return;
        }
        cleanArtifacts(next);
        disk.guard().preparing(next.version());
        preparation = Preparation.start(next, preparer, ticker, port::preparationEnded);
    }

    private void hold(ReadyVersion next) {
        if (next.content().signature().length == 0) {
            // The empty snapshot of a control plane that has none: there is no order to wait for.
            confirmed = true;
            serve(next);
            return;
        }
        ready = next;
        tellPrepared(next);
    }

    private void tellPrepared(ReadyVersion held) {
        port.send(
                NodeMessages.prepared(
                        held.content().version(), TimeUnit.NANOSECONDS.toMillis(held.nanos())));
    }

    private void serve(ReadyVersion next) {
        long startNanos = ticker.nanos();
        disk.guard().activating(next.content().version());
        next.prepared().activate();
        content = next.content();
        serving = true;
        applied.accept(next.nanos() + ticker.nanos() - startNanos);
    }

    /// Removes the artifacts that neither a slot, nor what serves, nor `next` needs. Never during a
    /// preparation.
    private void cleanArtifacts(SnapshotContent next) {
        Set<Digest> used = new HashSet<>(disk.slots().artifacts());
        used.addAll(content.artifacts());
        used.addAll(next.artifacts());
        disk.artifacts().retainOnly(used);
    }

    private void reject(long version, List<NodeProblem> problems) {
        log.warn(
                "version {} is rejected, version {} stays: {}",
                version,
                content.version(),
                few(problems));
        port.send(NodeMessages.rejected(version, problems));
    }

    private static List<NodeProblem> few(List<NodeProblem> problems) {
        return problems.subList(0, Math.min(problems.size(), PROBLEMS_LOGGED_MAX));
    }
}
