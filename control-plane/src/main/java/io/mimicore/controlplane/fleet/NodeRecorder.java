package io.mimicore.controlplane.fleet;

import io.mimicore.controlplane.stream.NodeState;
import io.mimicore.controlplane.stream.NodeStatus;
import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.proto.store.v1.NodeRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes how the nodes of this control plane's own streams stand.
///
/// The latest state of a node wins, states that usually pass within moments are written only if
/// they last, many nodes share a transaction, and there is a pause between two: a version that a
/// thousand nodes take costs a dozen transactions. While the store is down, what is to be written
/// waits: one record a node.
///
/// Whoever took a node's stream last writes over the record, whatever it says; every later write of
/// the same stream compares the revision of the one before. So what a control plane has to say of a
/// stream that has ended, or that it does not know to have ended, never hides what another says of
/// the next one. Where the order was lost all the same, a record by somebody else that says
/// "disconnected" about a node that is connected here is written over (see [#recordSeen]).
///
/// [#joined], [#changed] and what is seen may be called by any thread and do not block; one virtual
/// thread writes, and nobody interrupts it.
final class NodeRecorder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NodeRecorder.class);

    /// Time between two transactions.
    static final Duration PAUSE = Duration.ofMillis(50);

    /// How long a passing state must last to be written, and how long a node must be away.
    static final Duration PASSING = Duration.ofSeconds(2);

    /// Nodes in one transaction: a comparison and a write for each, and one write more.
    static final int BATCH_MAX = MetadataStore.OPERATIONS_MAX - 8;

    /// Bytes of records in one transaction.
    private static final int BATCH_BYTES_MAX = MetadataStore.TRANSACTION_BYTES_MAX / 2;

    /// Nodes that are gone and whose record could not be written yet, while the store is down.
    private static final int GONE_MAX = 10_000;

    private static final Duration IDLE = Duration.ofHours(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(10);

    private final MetadataStore store;
    private final StoreKeys keys;
    private final Replica self;
    private final LongSupplier ticker;
    private final WakeableThread thread = new WakeableThread("node-recorder");

    // The lock of everything down to `ended`; nobody holds it while the store works.
    private final Object lock = new Object();
    private final Map<String, Known> known = new HashMap<>();
    private final Set<String> ready = new LinkedHashSet<>();
    // When each falls due, in the order in which they do.
    private final Map<String, Long> passing = new LinkedHashMap<>();
    private int gone;
    private int writing;
    private boolean stopped;

    private long pauseUntilNanos;
    private long retryMillis;

    NodeRecorder(MetadataStore store, StoreKeys keys, Replica self, LongSupplier ticker) {
        this.store = store;
        this.keys = keys;
        this.self = self;
        this.ticker = ticker;
        this.pauseUntilNanos = ticker.getAsLong();
    }

    void start() {
        thread.start(this::run);
    }

    /// A node has opened a stream to this control plane.
    void joined(String node) {
        synchronized (lock) {
            Known it = known.computeIfAbsent(node, _ -> new Known());
            gone -= it.ended ? 1 : 0;
            it.ended = false;
            // What is said of this stream is new, even if the last one ended so.
            it.current = null;
            it.claim();
        }
    }

    /// How a node of this control plane stands.
    ///
    /// @return whether anything of it is new
    boolean changed(NodeStatus status) {
        NodeRecord record = NodeRecords.encode(status, self);
        synchronized (lock) {
            Known it = known.get(status.node());
            if (it == null || stopped || record.equals(it.current)) {
                return false;
            }
            it.current = record;
            if (status.state() == NodeState.DISCONNECTED && !it.ended) {
                it.ended = true;
                it.claims = false;
                gone++;
            }
            enqueue(status.node(), it, isPassing(status.state()));
            return true;
        }
    }

    /// The store says this about a node; absent: nothing.
    ///
    /// @param stale whether nobody stands for it: it says that the node is not connected, or the
    ///   one who wrote it is gone
    void recordSeen(String node, FleetView.@Nullable Seen seen, boolean stale) {
        synchronized (lock) {
            Known it = known.get(node);
            boolean outdated = seen != null && it != null && seen.modRevision() <= it.revision;
            boolean own = seen != null && seen.record().getReplicaBootId().equals(self.bootId());
            if (it != null && !it.ended && !outdated && !own && (seen == null || stale)) {
                it.claim();
                enqueue(node, it, false);
            }
        }
    }

    /// Records may be lost: those of all nodes that are connected here are written again.
    void recordAll() {
        synchronized (lock) {
            known.forEach((node, it) -> {
                if (!it.ended) {
                    it.claim();
                    enqueue(node, it, false);
                }
            });
        }
    }

    /// Nodes whose record is to be written.
    int waiting() {
        synchronized (lock) {
            return ready.size() + passing.size() + writing;
        }
    }

    /// Whether nothing is due and nothing is being written.
    boolean isIdle() {
        synchronized (lock) {
            boolean lasts =
                    !passing.isEmpty()
                            && passing.values().iterator().next() - ticker.getAsLong() <= 0;
            return ready.isEmpty() && writing == 0 && !lasts;
        }
    }

    /// Takes nothing more: streams end because this process does, which its presence tells.
    void stop() {
        synchronized (lock) {
            stopped = true;
            ready.clear();
            passing.clear();
        }
    }

    @Override
    public void close() {
        stop();
        thread.close();
    }

    private static boolean isPassing(NodeState state) {
        return switch (state) {
            case CONNECTING, OFFERED, PREPARED, DISCONNECTED -> true;
            case IN_SYNC, REJECTED, LAGGING -> false;
        };
    }

    private void enqueue(String node, Known it, boolean passes) {
        if (stopped || it.current == null) {
            return;
        }
        if (it.ended && gone > GONE_MAX) {
            forget(node, it);
            return;
        }
        boolean wakes = ready.isEmpty() && (!passes || passing.isEmpty());
        if (passes) {
            ready.remove(node);
            passing.putIfAbsent(node, ticker.getAsLong() + PASSING.toNanos());
        } else {
            passing.remove(node);
            ready.add(node);
        }
        if (wakes) {
            thread.wake();
        }
    }

    private void forget(String node, Known it) {
        gone -= it.ended ? 1 : 0;
        known.remove(node);
        ready.remove(node);
        passing.remove(node);
    }

    private void run() {
        while (!thread.isClosed()) {
            long waitNanos = nanosToWait();
            if (waitNanos > 0) {
                thread.await(Duration.ofNanos(waitNanos));
                continue;
            }
            try {
                write(take());
                retryMillis = 0;
                pauseUntilNanos = ticker.getAsLong() + PAUSE.toNanos();
            } catch (StoreException e) {
                if (retryMillis == 0) {
                    log.warn("cannot record nodes, trying again cause={}", e.getMessage());
                }
                retryMillis = Math.min(RETRY_MAX.toMillis(), Math.max(500, 2 * retryMillis));
                pauseUntilNanos = ticker.getAsLong() + TimeUnit.MILLISECONDS.toNanos(retryMillis);
            }
        }
    }

    private long nanosToWait() {
        long now = ticker.getAsLong();
        synchronized (lock) {
            if (ready.isEmpty() && passing.isEmpty()) {
                return IDLE.toNanos();
            }
            long due = ready.isEmpty() ? passing.values().iterator().next() : now;
            return Math.max(due - now, pauseUntilNanos - now);
        }
    }

    private List<Write> take() {
        long now = ticker.getAsLong();
        List<Write> batch = new ArrayList<>();
        synchronized (lock) {
            Iterator<Map.Entry<String, Long>> lasting = passing.entrySet().iterator();
            while (lasting.hasNext()) {
                Map.Entry<String, Long> next = lasting.next();
                if (next.getValue() - now > 0) {
                    break;
                }
                lasting.remove();
                ready.add(next.getKey());
            }
            int bytes = 0;
            Iterator<String> due = ready.iterator();
            while (due.hasNext() && batch.size() < BATCH_MAX && bytes < BATCH_BYTES_MAX) {
                String node = due.next();
                due.remove();
                Known it = known.get(node);
                if (it != null && it.isWorthWriting()) {
                    Write write = it.write(node);
                    bytes += write.record().getSerializedSize();
                    batch.add(write);
                } else if (it != null && it.ended) {
                    forget(node, it);
                }
            }
            writing = batch.size();
        }
        return batch;
    }

    private void write(List<Write> batch) {
        List<Write> left = batch;
        try {
            while (!left.isEmpty() && !thread.isClosed()) {
                MetadataStore.Outcome outcome = store.commit(transaction(left));
                if (outcome.succeeded()) {
                    written(left, outcome.revision());
                    left = List.of();
                } else {
                    left = withoutSuperseded(left);
                }
            }
        } finally {
            giveBack(left);
        }
    }

    private Transaction transaction(List<Write> batch) {
        Transaction.Builder transaction = Transaction.builder();
        boolean versions = false;
        for (Write write : batch) {
            String key = keys.node(write.node());
            if (!write.claims()) {
                transaction.ifModRevision(key, write.revision());
            }
            transaction.put(key, write.record().toByteArray());
            versions |= write.namesOtherVersions();
        }
        if (versions) {
            // Whoever removes versions compares this.
            transaction.put(keys.versionsReported(), new byte[0]);
        }
        return transaction.build();
    }

    private void written(List<Write> batch, long revision) {
        synchronized (lock) {
            for (Write write : batch) {
                Known it = known.get(write.node());
                if (it != null) {
                    it.revision = revision;
                    it.written = write.record();
                    // Another stream may have begun meanwhile.
                    it.claims = it.claims && it.claim != write.claim();
                    if (it.ended && write.record().equals(it.current)) {
                        forget(write.node(), it);
                    }
                }
            }
        }
    }

    /// Somebody else has written some of them since: those are not ours any more.
    private List<Write> withoutSuperseded(List<Write> batch) {
        List<Write> left = new ArrayList<>();
        for (Write write : batch) {
            Entry entry = write.claims() ? null : store.get(keys.node(write.node()));
            boolean superseded =
                    !write.claims() && (entry == null || entry.modRevision() != write.revision());
            if (!superseded) {
                left.add(write);
                continue;
            }
            synchronized (lock) {
                Known it = known.get(write.node());
                if (it != null && it.claim == write.claim()) {
                    it.superseded = true;
                    if (it.ended) {
                        forget(write.node(), it);
                    }
                }
            }
        }
        return left;
    }

    private void giveBack(List<Write> left) {
        synchronized (lock) {
            for (Write write : left) {
                Known it = known.get(write.node());
                if (it != null && !stopped && !passing.containsKey(write.node())) {
                    ready.add(write.node());
                }
            }
            writing = 0;
        }
    }

    /// A record that is being written.
    ///
    /// @param claims whether it goes over whatever is there
    /// @param revision otherwise, of the record that it replaces
    /// @param claim which stream of the node it is about
    private record Write(
            String node,
            NodeRecord record,
            boolean claims,
            long revision,
            long claim,
            boolean namesOtherVersions) {}

    /// What is known of a node's record. Guarded by the lock.
    private static final class Known {
        private @Nullable NodeRecord current;
        private @Nullable NodeRecord written;
        private long revision;
        private long claim;
        private boolean claims;
        private boolean superseded;
        private boolean ended;

        void claim() {
            claims = true;
            claim++;
            superseded = false;
            written = null;
        }

        boolean isWorthWriting() {
            return current != null
                    && !superseded
                    && !current.equals(written)
                    && (claims || revision > 0);
        }

        Write write(String node) {
            NodeRecord record = java.util.Objects.requireNonNull(current, "current");
            boolean other =
                    written == null
                            || written.getVersion() != record.getVersion()
                            || written.getOffered() != record.getOffered();
            return new Write(node, record, claims, revision, claim, other);
        }
    }
}
