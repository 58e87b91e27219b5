/// Snapshots as a Merkle tree of 256 buckets, the same for who builds and who checks them.
///
/// Start with [SnapshotTree].
@NullMarked
package io.mimicore.snapshot;

import org.jspecify.annotations.NullMarked;
