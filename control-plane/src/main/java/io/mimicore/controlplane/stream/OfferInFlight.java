package io.mimicore.controlplane.stream;

import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import java.util.List;

/// An offer that is being made, sent, or answered. Confined to its session's executor.
final class OfferInFlight {
    private final Snapshot target;
    private List<ControlMessage> chunks = List.of();
    private int next;
    private boolean begun;
    private boolean waitsForBudget;
    private long progressNanos;

    OfferInFlight(Snapshot target, long nowNanos) {
        this.target = target;
        this.progressNanos = nowNanos;
    }

    Snapshot target() {
        return target;
    }

    /// Its pieces are made.
    void begin(EncodedChanges changes, long nowNanos) {
        chunks = changes.chunks();
        begun = true;
        progressNanos = nowNanos;
    }

    /// Whether there are pieces that are not sent.
    boolean hasNext() {
        return next < chunks.size();
    }

    /// The next piece.
    ControlMessage peek() {
        return chunks.get(next);
    }

    /// The next piece goes out.
    void sent(long nowNanos) {
        next++;
        progressNanos = nowNanos;
    }

    /// The node has answered.
    void progress(long nowNanos) {
        progressNanos = nowNanos;
    }

    /// Whether it is this side that keeps the offer from going on.
    void waitsForBudget(boolean waits) {
        waitsForBudget = waits;
    }

    /// Whether the next piece has been asked for and not been granted.
    boolean waitsForBudget() {
        return waitsForBudget;
    }

    /// How long it is the node that everything waits for, in nanoseconds.
    long waitedForNode(long nowNanos) {
        return begun && !waitsForBudget ? nowNanos - progressNanos : 0;
    }
}
