package io.mimicore.dataplane.snapshot;

import io.mimicore.proto.snapshot.v1.ControlMessage;

/// What the client's thread waits for.
sealed interface StreamEvent {
    /// A message came.
    record Received(NodeStream stream, ControlMessage message) implements StreamEvent {}

    /// The stream ended.
    ///
    /// @param refused whether the control plane will not have this node, until someone mends it
    /// @param retryNanos how long the control plane asks to wait; 0: it asks nothing
    record Closed(NodeStream stream, String reason, boolean refused, long retryNanos)
            implements StreamEvent {}

    /// A preparation has ended.
    record Prepared(Preparation preparation) implements StreamEvent {}

    /// The control plane is there: do not wait any longer.
    record Wake() implements StreamEvent {}

    /// The client is closed.
    record Stop() implements StreamEvent {}
}
