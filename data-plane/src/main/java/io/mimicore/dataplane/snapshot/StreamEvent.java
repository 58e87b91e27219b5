package io.mimicore.dataplane.snapshot;

import io.mimicore.proto.snapshot.v1.ControlMessage;

/// What the client's thread waits for.
sealed interface StreamEvent {
    /// A message came.
    record Received(NodeStream stream, ControlMessage message) implements StreamEvent {}

    /// The stream ended.
    record Closed(NodeStream stream, String reason) implements StreamEvent {}

    /// The client is closed.
    record Stop() implements StreamEvent {}
}
