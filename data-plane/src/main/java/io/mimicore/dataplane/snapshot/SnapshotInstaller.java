package io.mimicore.dataplane.snapshot;

import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.SnapshotTree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings versions from the disk or from offers to where they serve.
///
/// ```
/// offer, piece by piece -> OfferAssembly -> PreparationDesk -> activate -> SlotStore
/// ```
///
/// A newer offer takes the place of what came before it and does not serve yet.
///
/// Confined to the client's thread, but for [#startFromDisk], which comes before that thread.
final class SnapshotInstaller {
    private static final Logger log = LoggerFactory.getLogger(SnapshotInstaller.class);
    private static final int PROBLEMS_LOGGED_MAX = 10;

    private final InstallerTools tools;
    private final NodeDisk disk;
    private final Port port;
    private final PreparationDesk desk;

    private SnapshotContent content = SnapshotContent.NOTHING;
    private boolean serving;
    private @Nullable OfferAssembly assembly;
    private long refusedVersion;

    /// The version that this stream has offered whole; 0: none. What was prepared for an earlier
    /// stream is not told on this one before it is offered there.
    private long offeredVersion;

    private volatile boolean confirmed;

    /// Whom the installer speaks to.
    interface Port {
        /// Sends a message, if there is a stream.
        void send(NodeMessage message);

        /// A version is about to take the place of the one that serves.
        void beforeActivation();

        /// Has the end of a preparation given to [SnapshotInstaller#prepared]. From any thread.
        void preparationEnded(Preparation preparation);
    }

    SnapshotInstaller(InstallerTools tools, Port port) {
        this.tools = tools;
        this.disk = tools.disk();
        this.port = port;
        this.desk = new PreparationDesk(tools.preparer(), tools.ticker(), new Desk());
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
        List<SnapshotContent> kept = new ArrayList<>(disk.slots().load());
        kept.sort(Comparator.comparing(slot -> slot.version() == disk.guard().poison()));
        for (SnapshotContent candidate : kept) {
            disk.guard().preparing(candidate.version());
            switch (Preparation.run(
                    candidate, tools.preparer(), Preparer.Sources.DISK, tools.ticker())) {
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
                case Preparation.Outcome.Cancelled _ -> throw new InterruptedException();
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
                SnapshotContent offered = current.apply(content);
                offeredVersion = version;
                desk.prepare(offered);
            }
        } catch (RejectedException e) {
            assembly = null;
            refusedVersion = version;
            reject(version, e.problems());
        }
    }

    /// Takes the end of a preparation.
    void prepared(Preparation ended) {
        desk.ended(ended);
    }

    /// The control plane wants this version to serve.
    void activate(long version) {
        ReadyVersion next = desk.take(version);
        if (next != null) {
            long previous = content.version();
            confirmed = true;
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
        if (!serving) {
            // Not signed and so not kept: it can take no API away, as there is none.
            desk.prepare(
                    new SnapshotContent(
                            version, SnapshotTree.EMPTY.root(), new byte[0], new TreeMap<>()));
            return;
        }
        desk.giveUpUnless(content.version(), content.root());
        if (version == content.version()) {
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
        offeredVersion = 0;
    }

    /// Gives up whatever is not served. What serves goes on.
    ///
    /// @param patience for a preparation to end
    void close(Duration patience) throws InterruptedException {
        try {
            desk.close(patience);
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
        OfferAssembly next = OfferAssembly.begin(first, content.version(), tools.rules());
        assembly = next;
        // What came before is not wanted any more; its memory is.
        desk.giveUpUnless(next.version(), next.root());
    }

    private void tellPrepared(ReadyVersion version) {
        if (version.version() == offeredVersion) {
            long millis = TimeUnit.NANOSECONDS.toMillis(version.nanos());
            port.send(NodeMessages.prepared(version.version(), millis));
        }
    }

    private void serve(ReadyVersion next) {
        long startNanos = tools.ticker().nanos();
        disk.guard().activating(next.version());
        next.prepared().activate();
        content = next.content();
        serving = true;
        tools.applied().accept(next.nanos() + tools.ticker().nanos() - startNanos);
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

    /// What becomes of versions that were offered.
    private final class Desk implements PreparationDesk.Listener {
        @Override
        public void starting(SnapshotContent next) {
            cleanArtifacts(next);
            disk.guard().preparing(next.version());
        }

        @Override
        public void ending(Preparation preparation) {
            port.preparationEnded(preparation);
        }

        @Override
        public void ended() {
            disk.guard().prepared();
        }

        @Override
        public void ready(ReadyVersion version) {
            if (version.content().signature().length > 0) {
                tellPrepared(version);
                return;
            }
            // The empty snapshot of a control plane that has none: there is no order to wait for.
            ReadyVersion empty = desk.take(version.version());
            if (empty != null) {
                confirmed = true;
                serve(empty);
            }
        }

        @Override
        public void refused(SnapshotContent refused, List<NodeProblem> problems) {
            reject(refused.version(), problems);
        }
    }
}
