package io.mimicore.artifact;

import org.jspecify.annotations.Nullable;

/// Bytes that are not an artifact of this cluster: damaged, of another format, or not signed by its
/// key. Nothing of them may be used.
public final class MalformedArtifactException extends Exception {
    MalformedArtifactException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    MalformedArtifactException(String message) {
        this(message, null);
    }
}
