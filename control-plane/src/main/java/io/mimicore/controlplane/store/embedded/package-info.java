/// The metadata store of a single process: one file in the state directory, on H2's MVStore.
///
/// Start with [EmbeddedMetadataStore]. Used by whoever composes roles; everyone else sees
/// [io.mimicore.store.MetadataStore] only.
@NullMarked
package io.mimicore.controlplane.store.embedded;

import org.jspecify.annotations.NullMarked;
