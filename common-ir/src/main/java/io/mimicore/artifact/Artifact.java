package io.mimicore.artifact;

import static java.util.Objects.requireNonNull;

/// An artifact whose signature and digests have been checked.
///
/// @param module the WASM module, not copied
/// @param classes the jar of machine classes, not copied
public record Artifact(ArtifactManifest manifest, byte[] module, byte[] classes) {
    public Artifact {
        requireNonNull(manifest, "manifest");
        requireNonNull(module, "module");
        requireNonNull(classes, "classes");
    }
}
