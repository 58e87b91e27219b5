/// What both ends of a snapshot stream have to agree on: snapshots as a Merkle tree of 256 buckets,
/// the same for who builds and who checks them, and when a node that lost its stream comes back.
///
/// Start with [SnapshotTree].
@NullMarked
package io.mimicore.snapshot;

import org.jspecify.annotations.NullMarked;
