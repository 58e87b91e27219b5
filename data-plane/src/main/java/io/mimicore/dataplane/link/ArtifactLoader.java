package io.mimicore.dataplane.link;

import io.mimicore.artifact.Artifact;
import java.io.IOException;

/// Gives an API's artifact at the moment its instances are made.
///
/// An artifact has several megabytes and is of no use once there are instances; so a snapshot is
/// linked with one artifact in memory at a time, and kept with none.
@FunctionalInterface
public interface ArtifactLoader {
    /// Reads the artifact and checks its digest and signature. Blocks.
    ///
    /// @throws ArtifactUnavailableException if it cannot be had now
    /// @throws IOException if it is refused; the message says why
    Artifact load() throws IOException;
}
