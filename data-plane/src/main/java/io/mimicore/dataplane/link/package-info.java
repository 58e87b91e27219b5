/// Turns the IR of a snapshot into what requests run on, and swaps snapshots under them.
///
/// Start with [SnapshotLinker], which makes a [PreparedSnapshot], and [ActiveSnapshot], which holds
/// the one that serves.
@NullMarked
package io.mimicore.dataplane.link;

import org.jspecify.annotations.NullMarked;
