/// How a node comes by its snapshots: the stream to the control plane, the artifacts, the disk.
///
/// Start with [SnapshotClient]; what a node has is a [SnapshotContent], kept in [SlotStore].
@NullMarked
package io.mimicore.dataplane.snapshot;

import org.jspecify.annotations.NullMarked;
