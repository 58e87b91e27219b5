package io.mimicore.controlplane.stream;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.stream.ChangesCache.Held;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.Activate;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Drain;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.InSync;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Reconnect;
import io.mimicore.proto.snapshot.v1.Rejected;
import io.mimicore.proto.snapshot.v1.Report;
import io.mimicore.proto.snapshot.v1.Resume;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stream of one node: learns what it has, brings it to what it is to run, one offer at a time.
///
/// Everything but [#status] runs on the session's own serial executor: messages of the node,
/// changes of the target, timers, and the transport's sign that more can be written. So nothing
/// here needs a lock, and nothing holds one while it sends. The next message of the node is asked
/// for when the last one is dealt with, and an offer's next piece is written when the transport has
/// room and the common budget has bytes, so a node that does not read costs one piece of memory.
final class NodeSession implements StreamObserver<NodeMessage> {
    private static final Logger log = LoggerFactory.getLogger(NodeSession.class);

    private static final int PROBLEMS_MAX = 100;
    private static final int TEXT_LENGTH_MAX = 1_024;
    private static final Duration REJECTED_RETRY_MIN = Duration.ofSeconds(10);
    private static final Duration REJECTED_RETRY_MAX = Duration.ofMinutes(5);

    /// For a node that only could not fetch artifacts: it has the version soon after they are
    /// there.
    private static final Duration UNFETCHED_RETRY = Duration.ofSeconds(3);

    private final StreamHub hub;
    private final ServerCallStreamObserver<ControlMessage> out;
    private final SerialExecutor executor;
    private final long openedNanos;

    private @Nullable Hello hello;

    /// The node's own words, copied once: a status is made with each message.
    private Map<String, String> labels = Map.of();

    private String bootId = "";
    private String build = "";
    private Held held = Held.NOTHING;
    private NodeState state = NodeState.CONNECTING;
    private @Nullable OfferInFlight inFlight;
    private NodeStatus.@Nullable Rejection rejection;
    private NodeStatus.@Nullable Window report;
    private long offered;
    private long bytesTaken;
    private boolean inSyncTold;
    private boolean unknownTold;
    // What the node says of itself, whether requests still come, and what it was told last.
    private boolean drains;
    private boolean quiet;
    private @Nullable Boolean drainTold;
    private boolean ended;
    private int rejections;
    private long retryAtNanos;
    private volatile @Nullable NodeStatus status;

    NodeSession(StreamHub hub, ServerCallStreamObserver<ControlMessage> out, Executor threads) {
        this.hub = hub;
        this.out = out;
        this.executor = new SerialExecutor(threads);
        this.openedNanos = hub.nanoTime();
    }

    /// Takes the stream over; must be called before the service's method returns.
    void open() {
        out.disableAutoRequest();
        out.setOnReadyHandler(() -> executor.execute(this::pump));
        out.setOnCancelHandler(() -> executor.execute(this::end));
        out.request(1);
    }

    /// What is known about the node; absent: it has not said who it is.
    @Nullable NodeStatus status() {
        return status;
    }

    @Override
    public void onNext(NodeMessage message) {
        executor.execute(() -> {
            if (!ended) {
                receive(message);
                publishStatus();
                out.request(1);
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        executor.execute(this::end);
    }

    @Override
    public void onCompleted() {
        executor.execute(() -> {
            if (!ended) {
                out.onCompleted();
                end();
            }
        });
    }

    /// The channel's target may have changed.
    void targetChanged() {
        executor.execute(this::evaluate);
    }

    /// What has been ordered for the node may have changed.
    void drainChanged() {
        executor.execute(this::applyDrain);
    }

    /// Checks the time; called about once a second.
    void tick() {
        executor.execute(this::checkTime);
    }

    /// Ends the stream because the same node has opened another one.
    void replaced() {
        executor.execute(() ->
                fail(Refusals.permanent(Code.ABORTED, "this node has opened another stream")));
    }

    /// Tells the node to come back later or elsewhere.
    void reconnect(long afterMillis) {
        executor.execute(() -> {
            if (!ended) {
                Reconnect order = Reconnect.newBuilder().setAfterMillis(afterMillis).build();
                out.onNext(ControlMessage.newBuilder().setReconnect(order).build());
                out.onCompleted();
                end();
            }
        });
    }

    private void receive(NodeMessage message) {
        if (hello == null && !message.hasHello()) {
            String mistake =
                    "the first message: "
                            + (message.getMessageCase() == NodeMessage.MessageCase.MESSAGE_NOT_SET
                                    ? "of a newer protocol"
                                    : message.getMessageCase().name().toLowerCase(Locale.ROOT))
                            + " (expected: hello)";
            fail(Refusals.permanent(Code.INVALID_ARGUMENT, mistake));
            return;
        }
        switch (message.getMessageCase()) {
            case HELLO -> greet(message.getHello());
            case PREPARED -> prepared(message.getPrepared().getVersion());
            case ACTIVE -> active(message.getActive().getVersion());
            case REJECTED -> rejected(message.getRejected());
            case REPORT -> report(message.getReport());
            case DRAINING -> draining(message.getDraining().getDraining());
            case MESSAGE_NOT_SET -> unknown();
        }
    }

    private void greet(Hello said) {
        StatusRuntimeException refusal =
                hello == null
                        ? Greeting.refusal(said, hub.rules().cluster())
                        : Refusals.permanent(
                                Code.INVALID_ARGUMENT, "a second hello (expected: one)");
        if (refusal != null) {
            fail(refusal);
            return;
        }
        Digest root = said.getRoot().isEmpty() ? null : digest(said.getRoot());
        Held has = root == null ? Held.NOTHING : new Held(said.getVersion(), root);
        if (root == null && !admitWhole()) {
            return;
        }
        hello = said;
        labels = labels(said);
        bootId = cut(said.getBootId());
        build = cut(said.getBuild());
        held = has;
        state = NodeState.IN_SYNC;
        drains = said.getDraining();
        publishStatus();
        NodeStatus before = hub.joined(said.getNode(), this);
        if (before != null && before.bootId().equals(cut(said.getBootId()))) {
            // Shown on; but a node that has come back is offered the version once more at once.
            rejection = before.rejection();
            retryAtNanos = hub.nanoTime();
        }
        applyDrain();
        evaluate();
    }

    /// Whether a whole snapshot may be sent now; otherwise the stream is ended.
    private boolean admitWhole() {
        long waitNanos = hub.admit(1 - StreamLimits.RESUME_COST);
        if (waitNanos > 0) {
            fail(Refusals.retryable(Code.RESOURCE_EXHAUSTED, "too many nodes at once", waitNanos));
        }
        return waitNanos == 0;
    }

    /// Compares what the node has with what it is to run, and starts an offer if they differ.
    private void evaluate() {
        Hello said = hello;
        Snapshot target = said == null || ended || inFlight != null ? null : hub.targetOf(view());
        if (said == null || target == null) {
            return;
        }
        if (isAt(held, target)) {
            become(NodeState.IN_SYNC);
            if (!inSyncTold) {
                inSyncTold = true;
                InSync message = InSync.newBuilder().setVersion(target.version()).build();
                out.onNext(ControlMessage.newBuilder().setInSync(message).build());
            }
            return;
        }
        if (isRefused(said, target)) {
            become(NodeState.REJECTED);
            return;
        }
        inSyncTold = true;
        offered = target.version();
        var offer = new OfferInFlight(target, hub.nanoTime());
        inFlight = offer;
        become(NodeState.OFFERED);
        var _ =
                hub.changes(held, target)
                        .whenCompleteAsync(
                                (changes, failure) -> begin(offer, changes, failure), executor);
    }

    private void begin(
            OfferInFlight offer, @Nullable EncodedChanges changes, @Nullable Throwable failure) {
        if (inFlight != offer || ended) {
            return;
        }
        if (changes == null) {
            log.warn("cannot make an offer version={}", offered, failure);
            inFlight = null;
            refuseFor(REJECTED_RETRY_MIN);
            return;
        }
        // The node named a snapshot that nobody knows: it costs what one with nothing costs.
        if (changes.whole() && held.root() != null && !admitWhole()) {
            return;
        }
        offer.begin(changes, hub.nanoTime());
        pump();
    }

    private boolean isRefused(Hello said, Snapshot target) {
        if (said.getPoison() == target.version()) {
            return true;
        }
        NodeStatus.Rejection last = rejection;
        boolean same = last != null && last.version() == target.version();
        return same && hub.nanoTime() - retryAtNanos < 0;
    }

    /// Writes as many pieces as the transport and the budget take.
    private void pump() {
        if (ended || !out.isReady()) {
            return;
        }
        // Ready means that what was written before has left the buffer, but for a rest.
        giveBytesBack();
        OfferInFlight offer = inFlight;
        while (offer != null && offer.hasNext() && !offer.waitsForBudget() && out.isReady()) {
            giveBytesBack();
            long bytes = offer.peek().getOffer().getPayload().size();
            if (!hub.budget().tryTake(bytes, () -> executor.execute(() -> granted(offer, bytes)))) {
                offer.waitsForBudget(true);
                return;
            }
            bytesTaken = bytes;
            write(offer);
        }
        if (out.isReady()) {
            giveBytesBack();
        }
    }

    private void granted(OfferInFlight offer, long bytes) {
        if (ended || inFlight != offer) {
            hub.budget().giveBack(bytes);
            return;
        }
        bytesTaken += bytes;
        offer.waitsForBudget(false);
        write(offer);
        pump();
    }

    private void write(OfferInFlight offer) {
        ControlMessage next = offer.peek();
        offer.sent(hub.nanoTime());
        out.onNext(next);
    }

    private void prepared(long version) {
        OfferInFlight offer = inFlight;
        if (offer == null || offer.target().version() != version || offer.hasNext()) {
            log.debug("a node has prepared what it was not offered version={}", version);
            return;
        }
        offer.progress(hub.nanoTime());
        become(NodeState.PREPARED);
        Activate order = Activate.newBuilder().setVersion(version).build();
        out.onNext(ControlMessage.newBuilder().setActivate(order).build());
    }

    private void active(long version) {
        OfferInFlight offer = inFlight;
        if (offer != null && offer.target().version() == version) {
            held = new Held(version, offer.target().root());
            inFlight = null;
            rejections = 0;
        } else {
            Snapshot known = hub.known(version);
            held = known == null ? Held.NOTHING : new Held(version, known.root());
        }
        become(NodeState.IN_SYNC);
        evaluate();
    }

    private void rejected(Rejected said) {
        List<NodeStatus.Problem> problems =
                said.getProblemsList().stream()
                        .limit(PROBLEMS_MAX)
                        .map(problem ->
                                new NodeStatus.Problem(
                                        cut(problem.getApi()),
                                        cut(problem.getCode()),
                                        cut(problem.getMessage())))
                        .toList();
        var refused = new NodeStatus.Rejection(said.getVersion(), problems);
        if (!refused.equals(rejection)) {
            log.warn(
                    "a node refuses a version node={} version={} problems={}",
                    view().node(),
                    said.getVersion(),
                    problems);
        }
        rejection = refused;
        OfferInFlight offer = inFlight;
        if (offer != null && offer.target().version() == said.getVersion()) {
            inFlight = null;
            giveBytesBack();
        }
        refuseFor(isUnfetched(problems) ? UNFETCHED_RETRY : nextRetry());
        evaluate();
    }

    private Duration nextRetry() {
        Duration delay = REJECTED_RETRY_MIN.multipliedBy(1L << Math.min(rejections, 10));
        rejections++;
        return delay.compareTo(REJECTED_RETRY_MAX) > 0 ? REJECTED_RETRY_MAX : delay;
    }

    private static boolean isUnfetched(List<NodeStatus.Problem> problems) {
        String code = DiagnosticCode.ARTIFACT_UNAVAILABLE.name();
        return !problems.isEmpty()
                && problems.stream().allMatch(problem -> problem.code().equals(code));
    }

    private void refuseFor(Duration delay) {
        retryAtNanos = hub.nanoTime() + delay.toNanos();
        become(NodeState.REJECTED);
    }

    private void report(Report said) {
        quiet = said.getRequests() == 0;
        report =
                new NodeStatus.Window(
                        said.getVersion(),
                        said.getWindowMillis(),
                        said.getRequests(),
                        said.getServerErrors(),
                        said.getWasmFailures());
    }

    private void checkTime() {
        if (ended) {
            return;
        }
        long now = hub.nanoTime();
        StreamLimits limits = hub.rules().limits();
        if (hello == null) {
            if (now - openedNanos > limits.helloWithin().toNanos()) {
                fail(Refusals.permanent(Code.DEADLINE_EXCEEDED, "no hello came"));
            }
            return;
        }
        OfferInFlight offer = inFlight;
        if (offer == null) {
            if (state == NodeState.REJECTED && now - retryAtNanos >= 0) {
                evaluate();
            }
            return;
        }
        long waited = offer.waitedForNode(now);
        Duration lagging = offer.hasNext() ? limits.stalledLagging() : limits.silentLagging();
        // One that holds bytes which others wait for is not waited for any longer than it takes to
        // call
        // it lagging: a few that do not read would hold all others up.
        boolean inTheWay = bytesTaken > 0 && hub.budget().isWaitedFor();
        Duration patience = inTheWay ? lagging : limits.disconnected();
        if (waited > patience.toNanos()) {
            log.warn("a node does not answer node={} version={}", view().node(), offered);
            fail(
                    Refusals.retryable(
                            Code.DEADLINE_EXCEEDED,
                            "the node neither reads nor answers",
                            limits.stalledLagging().toNanos()));
        } else if (waited > lagging.toNanos() && state != NodeState.LAGGING) {
            become(NodeState.LAGGING);
        }
    }

    /// Tells the node what is ordered, unless it is so already.
    private void applyDrain() {
        Hello said = hello;
        FleetLink.DrainOrder order =
                said == null || ended
                        ? FleetLink.DrainOrder.UNKNOWN
                        : hub.fleet().drainOf(said.getNode());
        boolean now = drainTold == null ? drains : drainTold;
        switch (order) {
            case UNKNOWN -> {}
            case TAKE -> {
                if (now) {
                    drainTold = false;
                    Resume resume = Resume.getDefaultInstance();
                    out.onNext(ControlMessage.newBuilder().setResume(resume).build());
                }
            }
            case DRAIN -> {
                if (!now) {
                    drainTold = true;
                    Drain drain = Drain.getDefaultInstance();
                    out.onNext(ControlMessage.newBuilder().setDrain(drain).build());
                }
            }
        }
    }

    private void draining(boolean said) {
        drains = said;
        quiet = false;
    }

    private void unknown() {
        if (!unknownTold) {
            unknownTold = true;
            log.warn(
                    "a node speaks a newer protocol than this control plane, what only that knows is"
                            + " left out node={} build={}",
                    view().node(),
                    view().build());
        }
    }

    private void fail(StatusRuntimeException reason) {
        if (!ended) {
            out.onError(reason);
            end();
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        inFlight = null;
        giveBytesBack();
        become(NodeState.DISCONNECTED);
        Hello said = hello;
        hub.left(said == null ? "" : said.getNode(), this);
    }

    private void giveBytesBack() {
        long bytes = bytesTaken;
        bytesTaken = 0;
        hub.budget().giveBack(bytes);
    }

    private void become(NodeState next) {
        state = next;
        publishStatus();
    }

    private void publishStatus() {
        if (hello != null) {
            NodeStatus now = view();
            status = now;
            if (!ended) {
                hub.changed(now, this);
            }
        }
    }

    private NodeStatus view() {
        Hello said = hello == null ? Hello.getDefaultInstance() : hello;
        return new NodeStatus(
                said.getNode(),
                bootId,
                build,
                labels,
                state,
                held.version(),
                offered,
                rejection,
                said.getPoison(),
                drainState(),
                report);
    }

    private static Map<String, String> labels(Hello said) {
        Map<String, String> labels = new HashMap<>();
        said.getLabelsList()
                .forEach(label -> labels.put(cut(label.getName()), cut(label.getValue())));
        return Map.copyOf(labels);
    }

    private DrainState drainState() {
        if (!drains) {
            return DrainState.NONE;
        }
        return quiet ? DrainState.DRAINED : DrainState.DRAINING;
    }

    private static boolean isAt(Held has, Snapshot target) {
        return has.version() == target.version() && target.root().equals(has.root());
    }

    private static Digest digest(ByteString bytes) {
        return Digest.ofBytes(bytes.toByteArray());
    }

    private static String cut(String text) {
        return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }
}
