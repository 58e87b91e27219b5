package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.Reconnect;
import io.mimicore.snapshot.Reconnection;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a node's snapshot current: starts from disk, then follows the control plane.
///
/// One thread takes everything that happens, one event after the other: messages of the stream, its
/// end, the end of a preparation, the time. It never blocks but on the disk. The next message of
/// the stream is asked for when the last has been dealt with, so the queue stays short.
public final class SnapshotClient implements AutoCloseable {
    /// How often the counters of a window are reported.
    static final Duration REPORT_EVERY = Duration.ofSeconds(10);

    /// How often while the node drains: whoever waits for the last request does not wait much
    /// longer.
    static final Duration REPORT_DRAINING_EVERY = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(SnapshotClient.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    /// How long there may be no control plane before that is worth a warning; it may be starting.
    private static final Duration ALONE_MAX = Duration.ofSeconds(5);

    private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);

    /// How long a stream may be without a connection. A control plane whose machine takes
    /// connections and whose process does not is found by nothing else: pings begin when the
    /// connection has been set up.
    static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    private final NodeIdentity identity;
    private final ControlPlanes controlPlanes;
    private final CrashGuard guard;
    private final Ticker ticker;
    private final Reconnection reconnection;
    private final NodeSignals signals;
    private final ReportWindow window;
    private final SnapshotInstaller installer;
    private final BlockingQueue<StreamEvent> events = new LinkedBlockingQueue<>();
    private final Thread thread;
    private @Nullable NodeStream stream;
    private long openedNanos;
    private long connectAtNanos;
    private long aloneSinceNanos;
    private long reportAtNanos;
    private boolean heard;
    private boolean unknownTold;
    private String lastReason = "";
    private volatile boolean draining;

    /// Where a client lives.
    ///
    /// @param controlPlanes whom it may follow
    record Environment(
            NodeIdentity identity,
            ControlPlanes controlPlanes,
            NodeSignals signals,
            Ticker ticker) {}

    SnapshotClient(
            Environment environment,
            NodeDisk disk,
            Preparer preparer,
            OfferRules rules,
            RandomGenerator random) {
        this.identity = environment.identity();
        this.controlPlanes = environment.controlPlanes();
        this.ticker = environment.ticker();
        this.guard = disk.guard();
        this.reconnection = new Reconnection(controlPlanes.addresses(), random);
        this.signals = environment.signals();
        this.window = new ReportWindow(signals.traffic(), ticker);
        var tools = new InstallerTools(disk, preparer, rules, ticker, signals.applied());
        this.installer = new SnapshotInstaller(tools, new Port());
        this.thread = Thread.ofPlatform().name("snapshot-client").daemon().unstarted(this::run);
    }

    /// Serves what the disk holds, if that can be served. Asks nobody else.
    public void loadFromDisk() throws InterruptedException {
        installer.startFromDisk();
    }

    /// Begins to follow the control plane. Once, after [#loadFromDisk].
    public void follow() {
        thread.start();
    }

    /// Says that a control plane is there: a client that waits for its next try does not wait on.
    public void connectNow() {
        events.add(new StreamEvent.Wake());
    }

    /// Whether a control plane has told this node to take no more traffic.
    public boolean isDraining() {
        return draining;
    }

    /// Whether what serves is what a control plane wanted, at some time since the start.
    public boolean isConfirmed() {
        return installer.isConfirmed();
    }

    /// Stops following and gives up what is not served; what is served stays as it is.
    @Override
    public void close() {
        try {
            if (thread.getState() == Thread.State.NEW) {
                installer.close(CLOSE_PATIENCE);
                return;
            }
            events.add(new StreamEvent.Stop());
            if (!thread.join(CLOSE_PATIENCE.multipliedBy(2))) {
                log.warn("the snapshot client does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        connectAtNanos = ticker.nanos();
        aloneSinceNanos = connectAtNanos;
        try {
            while (true) {
                StreamEvent event = events.poll(nanosToWait(), TimeUnit.NANOSECONDS);
                if (event instanceof StreamEvent.Stop) {
                    return;
                }
                step(event);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    private void end() {
        disconnect();
        try {
            installer.close(CLOSE_PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private long nanosToWait() {
        long now = ticker.nanos();
        NodeStream open = stream;
        long next = open == null ? connectAtNanos - now : reportAtNanos - now;
        if (open != null && !open.isConnected()) {
            next = Math.min(next, openedNanos + CONNECT_MAX.toNanos() - now);
        }
        return Math.max(0, Math.min(Math.min(next, guard.youngNanos()), IDLE_NANOS));
    }

    @SuppressWarnings(
            "IllegalCatch") // the border: without this thread the node is never changed again
    private void step(@Nullable StreamEvent event) {
        try {
            if (event != null) {
                handle(event);
            }
            guard.checkAge();
            checkStream();
        } catch (RuntimeException | OutOfMemoryError e) {
            log.error("following the control plane failed and is begun anew", e);
            disconnect();
            connectAtNanos = ticker.nanos() + reconnection.failed(0, 0);
        }
    }

    private void checkStream() {
        long now = ticker.nanos();
        NodeStream open = stream;
        if (open == null) {
            if (connectAtNanos - now <= 0) {
                connect();
            }
        } else if (now - openedNanos >= CONNECT_MAX.toNanos() && !open.isConnected()) {
            open.close();
            String silence = "no connection within " + CONNECT_MAX;
            closed(new StreamEvent.Closed(open, silence, false, 0));
        } else if (reportAtNanos - now <= 0) {
            report();
        }
    }

    private void handle(StreamEvent event) {
        switch (event) {
            case StreamEvent.Received received -> {
                if (received.stream() == stream) {
                    receive(received.message());
                    received.stream().requestNext();
                }
            }
            case StreamEvent.Closed closed -> {
                if (closed.stream() == stream) {
                    closed(closed);
                }
            }
            case StreamEvent.Prepared ended -> installer.prepared(ended.preparation());
            case StreamEvent.Wake _ -> connectAtNanos = ticker.nanos();
            case StreamEvent.Stop _ -> throw new IllegalStateException("stop: (expected: in run)");
        }
    }

    private void receive(ControlMessage message) {
        if (!heard) {
            heard = true;
            lastReason = "";
            log.info("following the control plane");
        }
        switch (message.getMessageCase()) {
            case IN_SYNC -> installer.inSync(message.getInSync().getVersion());
            case OFFER -> installer.offer(message.getOffer());
            case ACTIVATE -> installer.activate(message.getActivate().getVersion());
            case RECONNECT -> reconnect(message.getReconnect());
            case DRAIN -> drain(true);
            case RESUME -> drain(false);
            case MESSAGE_NOT_SET -> unknown();
        }
    }

    private void connect() {
        openedNanos = ticker.nanos();
        reportAtNanos = openedNanos + reportEveryNanos();
        heard = false;
        unknownTold = false;
        window.begin();
        NodeStream opened =
                NodeStream.open(controlPlanes.follow(reconnection.target()), events::add);
        stream = opened;
        opened.send(
                NodeMessages.hello(
                        identity,
                        installer.isServing() ? installer.content() : null,
                        new NodeMessages.Standing(guard.poison(), draining)));
    }

    private void closed(StreamEvent.Closed closed) {
        stream = null;
        installer.streamEnded();
        long now = ticker.nanos();
        connectAtNanos = now + reconnection.failed(now - openedNanos, closed.retryNanos());
        if (heard) {
            aloneSinceNanos = now;
            log.info("lost the control plane, what is served stays: {}", closed.reason());
            return;
        }
        boolean alone = closed.refused() || now - aloneSinceNanos >= ALONE_MAX.toNanos();
        if (alone && !closed.reason().equals(lastReason)) {
            // Once for each cause, however often it is tried.
            lastReason = closed.reason();
            log.warn(
                    "no control plane for {} s, what is served stays: {}",
                    TimeUnit.NANOSECONDS.toSeconds(now - aloneSinceNanos),
                    closed.reason());
        }
    }

    private void reconnect(Reconnect order) {
        // Unsigned: a negative one is far above the limit, and so is what does not fit nanoseconds.
        long nanos = TimeUnit.MILLISECONDS.toNanos(order.getAfterMillis());
        long waitNanos = reconnection.told(order.getPeer(), nanos);
        log.info(
                "the control plane asks to come back in {} ms",
                TimeUnit.NANOSECONDS.toMillis(waitNanos));
        disconnect();
        aloneSinceNanos = ticker.nanos();
        connectAtNanos = aloneSinceNanos + waitNanos;
    }

    private void drain(boolean order) {
        if (draining != order) {
            // What was counted before does not say whether requests still come.
            report();
            draining = order;
            log.info(
                    order
                            ? "the control plane has this node drained: it is not ready any more"
                            : "the control plane gives this node traffic again");
            signals.drained().accept(order);
            reportAtNanos = ticker.nanos() + reportEveryNanos();
        }
        NodeStream open = stream;
        if (open != null) {
            open.send(NodeMessages.draining(draining));
        }
    }

    private void unknown() {
        if (!unknownTold) {
            // Once a stream: what it is about cannot be done, everything else can.
            unknownTold = true;
            log.warn(
                    "the control plane speaks a newer protocol than this node: what only that knows"
                            + " is not done, everything else is; bring this node up to date");
        }
    }

    private long reportEveryNanos() {
        return (draining ? REPORT_DRAINING_EVERY : REPORT_EVERY).toNanos();
    }

    private void report() {
        reportAtNanos = ticker.nanos() + reportEveryNanos();
        NodeStream open = stream;
        if (open != null) {
            open.send(NodeMessages.report(window.next(installer.content().version())));
        }
    }

    private void disconnect() {
        NodeStream open = stream;
        stream = null;
        installer.streamEnded();
        if (open != null) {
            open.close();
        }
    }

    /// How the installer speaks to the stream.
    private final class Port implements SnapshotInstaller.Port {
        @Override
        public void send(NodeMessage message) {
            NodeStream open = stream;
            if (open != null) {
                open.send(message);
            }
        }

        @Override
        public void beforeActivation() {
            // A window is of one version, so that versions can be compared.
            report();
        }

        @Override
        public void preparationEnded(Preparation preparation) {
            events.add(new StreamEvent.Prepared(preparation));
        }
    }
}
