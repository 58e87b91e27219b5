package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;

/// A [BuildRequest] as it stands in the store: the source is an object of its own.
///
/// @param source digest of the object that holds the source's or module's bytes
public record QueuedRequest(String toolchain, String toolchainVersion, Digest source) {
    public QueuedRequest {
        requireNonNull(toolchain, "toolchain");
        requireNonNull(toolchainVersion, "toolchainVersion");
        requireNonNull(source, "source");
    }
}
