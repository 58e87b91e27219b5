package io.mimicore.dataplane.link;

import java.io.IOException;

/// An artifact cannot be had now; a later try may have it.
public final class ArtifactUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param message for an operator
    public ArtifactUnavailableException(String message) {
        super(message);
    }

    /// @param message for an operator
    public ArtifactUnavailableException(String message, IOException cause) {
        super(message, cause);
    }
}
