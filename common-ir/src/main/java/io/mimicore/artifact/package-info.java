/// What a worker publishes for one build: a signed manifest, the WASM module, its machine classes.
///
/// Start with [ArtifactCodec] and what it reads, [Artifact].
@NullMarked
package io.mimicore.artifact;

import org.jspecify.annotations.NullMarked;
