package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;

/// A config file as it lay in its directory, read whole.
///
/// @param key which file
/// @param content its bytes, not copied; nobody writes to them
/// @param digest SHA-256 of `content`
public record FoundFile(FileKey key, byte[] content, Digest digest) {
    public FoundFile {
        requireNonNull(key, "key");
        requireNonNull(content, "content");
        requireNonNull(digest, "digest");
    }

    static FoundFile of(FileKey key, byte[] content) {
        return new FoundFile(key, content, Digest.of(content));
    }
}
