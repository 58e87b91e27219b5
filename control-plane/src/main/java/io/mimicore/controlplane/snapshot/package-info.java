/// Snapshots: made from what shall be live, written to the store, read back from it.
///
/// Start with [io.mimicore.controlplane.snapshot.Publisher], which writes, and
/// [io.mimicore.controlplane.snapshot.SnapshotReader], which reads.
@NullMarked
package io.mimicore.controlplane.snapshot;

import org.jspecify.annotations.NullMarked;
