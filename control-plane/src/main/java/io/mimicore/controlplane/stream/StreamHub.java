package io.mimicore.controlplane.stream;

import io.mimicore.controlplane.snapshot.Snapshot;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What sessions have in common. Thread-safe; nothing here blocks.
interface StreamHub {
    /// Nanoseconds that never go back.
    long nanoTime();

    /// What streams go by.
    StreamRules rules();

    /// The rest of the fleet.
    FleetLink fleet();

    /// What the node is to run; absent: there is nothing.
    @Nullable Snapshot targetOf(NodeStatus node);

    /// The snapshot of this version, if it is one of those seen lately.
    @Nullable Snapshot known(long version);

    /// Asks to begin with an offer.
    ///
    /// @return 0: granted; otherwise in how many nanoseconds to ask again
    long admit(double cost);

    /// The bytes that all sessions share.
    ByteBudget budget();

    /// The offer from what a node has to `target`.
    CompletableFuture<EncodedChanges> changes(ChangesCache.Held held, Snapshot target);

    /// The session's node has said who it is.
    ///
    /// @return what was known about this node before; absent: nothing
    @Nullable NodeStatus joined(String node, NodeSession session);

    /// What the session knows of its node has changed.
    void changed(NodeStatus status, NodeSession session);

    /// The session has ended.
    ///
    /// @param node empty: it never said who it is
    void left(String node, NodeSession session);
}
