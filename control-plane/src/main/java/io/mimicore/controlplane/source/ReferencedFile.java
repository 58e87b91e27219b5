package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// A file that a config names, as it was when the config was last built.
///
/// @param path relative to the config's directory
/// @param stamp absent: it was not there, or was too fresh to be sure of
public record ReferencedFile(String path, @Nullable FileStamp stamp) {
    public ReferencedFile {
        requireNonNull(path, "path");
    }
}
