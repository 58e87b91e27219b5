package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.mimicore.proto.snapshot.v1.Active;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.proto.snapshot.v1.Prepared;
import io.mimicore.proto.snapshot.v1.Problem;
import io.mimicore.proto.snapshot.v1.Rejected;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.SnapshotTree;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a node's snapshot current: starts from disk, then follows the control plane.
///
/// One thread does everything, PREPARE included, so the event loops never wait and no two versions
/// are prepared at once. Messages of the stream arrive one by one: the next is asked for when the
/// last has been dealt with.
public final class SnapshotClient implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SnapshotClient.class);
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(100);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(10);
    private static final Duration YOUNG = Duration.ofSeconds(60);

    /// Who a node is.
    ///
    /// @param bootId new at each start
    /// @param build this program's version
    public record Identity(String node, String bootId, String build) {
        public Identity {
            requireNonNull(node, "node");
            requireNonNull(bootId, "bootId");
            requireNonNull(build, "build");
        }
    }

    private final Identity identity;
    private final Supplier<Channel> channel;
    private final TrustedKey trusted;
    private final Preparer preparer;
    private final SlotStore slots;
    private final CrashGuard guard;
    private final RandomGenerator random;
    private final LinkedBlockingQueue<StreamEvent> events = new LinkedBlockingQueue<>();
    private final Thread thread;

    private SnapshotContent content = SnapshotContent.NOTHING;
    private boolean serving;
    private @Nullable NodeStream stream;
    private @Nullable OfferAssembly assembly;
    private @Nullable SnapshotContent preparedContent;
    private Preparer.@Nullable Prepared prepared;
    private long youngUntilNanos;
    private boolean young;
    private int failures;

    SnapshotClient(Environment environment, Preparer preparer, RandomGenerator random) {
        this.identity = environment.identity();
        this.channel = environment.channel();
        this.trusted = environment.trusted();
        this.preparer = preparer;
        this.slots = environment.disk().slots();
        this.guard = environment.disk().guard();
        this.random = random;
        this.thread = Thread.ofPlatform().name("snapshot-client").unstarted(this::run);
    }

    /// Where a client lives.
    record Environment(
            Identity identity, Supplier<Channel> channel, TrustedKey trusted, NodeDisk disk) {}

    /// Serves what the disk holds, if that can be served.
    public void loadFromDisk() throws InterruptedException {
        guard.start();
        startFromDisk();
    }

    /// Begins to follow the control plane.
    public void follow() {
        thread.start();
    }

    /// Stops following; what is served stays as it is.
    @Override
    public void close() {
        events.add(new StreamEvent.Stop());
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        guard.safe();
    }

    private void startFromDisk() throws InterruptedException {
        List<SnapshotContent> kept = slots.load();
        for (SnapshotContent candidate : kept) {
            if (candidate.version() == guard.poison()) {
                continue;
            }
            try {
                serve(candidate, preparer.prepare(candidate));
                log.info("serving version {} from disk", candidate.version());
                return;
            } catch (RejectedException e) {
                log.warn("version {} on disk cannot be served: {}", candidate.version(), e.problems());
            }
        }
    }

    private void run() {
        try {
            while (true) {
                StreamEvent event = next();
                if (event instanceof StreamEvent.Stop) {
                    return;
                }
                if (event != null) {
                    handle(event);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
            discardPrepared();
        }
    }

    private @Nullable StreamEvent next() throws InterruptedException {
        if (stream == null) {
            StreamEvent stop = events.poll(backoffMillis(), TimeUnit.MILLISECONDS);
            if (stop != null) {
                return stop;
            }
            connect();
        }
        if (!young) {
            return events.take();
        }
        StreamEvent event =
                events.poll(Math.max(1, youngUntilNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (young && youngUntilNanos - System.nanoTime() <= 0) {
            young = false;
            guard.safe();
        }
        return event;
    }

    private long backoffMillis() {
        if (failures == 0) {
            return 0;
        }
        // Full jitter: nodes that lost the same control plane do not come back together.
        long most = Math.min(BACKOFF_MAX.toMillis(), BACKOFF_FIRST.toMillis() << Math.min(failures, 16));
        return random.nextLong(most + 1);
    }

    private void connect() {
        NodeStream opened = NodeStream.open(channel.get(), events::add);
        stream = opened;
        Hello.Builder hello =
                Hello.newBuilder()
                        .setNode(identity.node())
                        .setBootId(identity.bootId())
                        .setBuild(identity.build())
                        .setVersion(content.version())
                        .addFormats(io.mimicore.ir.codec.IrCodec.FORMAT)
                        .setPoison(guard.poison());
        if (serving) {
            hello.setRoot(ByteString.copyFrom(content.root().bytes()));
        }
        opened.send(NodeMessage.newBuilder().setHello(hello).build());
    }

    private void handle(StreamEvent event) throws InterruptedException {
        switch (event) {
            case StreamEvent.Received received -> {
                if (received.stream() == stream) {
                    receive(received.message());
                    received.stream().requestNext();
                }
            }
            case StreamEvent.Closed closed -> {
                if (closed.stream() == stream) {
                    stream = null;
                    assembly = null;
                    failures++;
                    if (failures == 1) {
                        log.info("lost the control plane ({}); serving goes on", closed.reason());
                    }
                }
            }
            case StreamEvent.Stop _ -> {}
        }
    }

    private void receive(ControlMessage message) throws InterruptedException {
        failures = 0;
        switch (message.getMessageCase()) {
            case IN_SYNC -> inSync(message.getInSync().getVersion());
            case OFFER -> offer(message.getOffer());
            case ACTIVATE -> activate(message.getActivate().getVersion());
            case RECONNECT, DRAIN -> reconnect();
            case MESSAGE_NOT_SET -> log.warn("a message of the control plane is of a newer format");
        }
    }

    /// The control plane has just what this node has; for a new node that is nothing at all.
    private void inSync(long version) throws InterruptedException {
        if (!serving) {
            SnapshotContent empty =
                    new SnapshotContent(
                            version,
                            SnapshotTree.EMPTY.root(),
                            new byte[0],
                            new java.util.TreeMap<>());
            try {
                serve(empty, preparer.prepare(empty));
            } catch (RejectedException e) {
                log.error("an empty snapshot cannot be served: {}", e.problems());
            }
        }
    }

    private void offer(Offer piece) throws InterruptedException {
        long startNanos = System.nanoTime();
        try {
            OfferAssembly current = assembly;
            if (current == null || piece.getChunk() == 0) {
                current = OfferAssembly.begin(piece);
                assembly = current;
            }
            if (!current.add(piece)) {
                return;
            }
            assembly = null;
            discardPrepared();
            SnapshotContent offered = current.apply(content, trusted);
            if (offered.version() == guard.poison()) {
                throw new RejectedException("", "POISON", "version " + offered.version() + " crashed this node twice");
            }
            prepared = preparer.prepare(offered);
            preparedContent = offered;
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            send(
                    NodeMessage.newBuilder()
                            .setPrepared(
                                    Prepared.newBuilder()
                                            .setVersion(offered.version())
                                            .setMillis(millis))
                            .build());
        } catch (RejectedException e) {
            assembly = null;
            reject(piece.getVersion(), e.problems());
        }
    }

    private void reject(long version, List<NodeProblem> problems) {
        log.warn("version {} is rejected, version {} stays: {}", version, content.version(), problems);
        Rejected.Builder rejected = Rejected.newBuilder().setVersion(version);
        problems.stream()
                .sorted(Comparator.comparing(NodeProblem::api))
                .limit(1000)
                .forEach(
                        problem ->
                                rejected.addProblems(
                                        Problem.newBuilder()
                                                .setApi(problem.api())
                                                .setCode(problem.code())
                                                .setMessage(problem.message())));
        send(NodeMessage.newBuilder().setRejected(rejected).build());
    }

    private void activate(long version) {
        SnapshotContent next = preparedContent;
        Preparer.Prepared ready = prepared;
        if (next == null || ready == null || next.version() != version) {
            log.warn("version {} is to be activated but is not prepared", version);
            return;
        }
        preparedContent = null;
        prepared = null;
        serve(next, ready);
        send(
                NodeMessage.newBuilder()
                        .setActive(Active.newBuilder().setVersion(version))
                        .build());
        try {
            slots.save(next);
        } catch (IOException e) {
            log.error(
                    "version {} cannot be kept on disk; a restart without the control plane would"
                            + " start from an older one: {}",
                    version,
                    e.toString());
        }
    }

    private void serve(SnapshotContent next, Preparer.Prepared ready) {
        guard.activating(next.version());
        ready.activate();
        content = next;
        serving = true;
        young = true;
        youngUntilNanos = System.nanoTime() + YOUNG.toNanos();
    }

    private void reconnect() {
        disconnect();
        // The control plane goes on purpose: look for another after a short, random while.
        failures = 1;
    }

    private void disconnect() {
        NodeStream open = stream;
        stream = null;
        assembly = null;
        if (open != null) {
            open.close();
        }
    }

    private void discardPrepared() {
        Preparer.Prepared unused = prepared;
        prepared = null;
        preparedContent = null;
        if (unused != null) {
            unused.discard();
        }
    }

    private void send(NodeMessage message) {
        NodeStream open = stream;
        if (open != null) {
            open.send(message);
        }
    }
}
