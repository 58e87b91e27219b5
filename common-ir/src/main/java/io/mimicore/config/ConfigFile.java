package io.mimicore.config;

import static java.util.Objects.requireNonNull;

/// A file as it was found.
///
/// @param name how diagnostics call it; a v1 file's API is named after it
/// @param content its bytes, not copied; nobody writes to them
public record ConfigFile(String name, byte[] content) {
    /// Largest file, in bytes.
    public static final int BYTES_MAX = 4 * 1024 * 1024;

    public ConfigFile {
        requireNonNull(name, "name");
        requireNonNull(content, "content");
    }
}
