/// Streams to the nodes: what each is to run, and what each says of itself.
///
/// Start with [io.mimicore.controlplane.stream.SnapshotStreams], the gRPC service; one
/// `NodeSession` speaks with one node.
@NullMarked
package io.mimicore.controlplane.stream;

import org.jspecify.annotations.NullMarked;
