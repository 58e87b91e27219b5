/// Removes what nothing refers to any more: old versions, content, builds, artifacts.
///
/// Start with [io.mimicore.controlplane.retention.GarbageCollector]; why a removal never meets a
/// publication that uses the same content again is in `docs/adr/0009-garbage.md`.
@NullMarked
package io.mimicore.controlplane.retention;

import org.jspecify.annotations.NullMarked;
