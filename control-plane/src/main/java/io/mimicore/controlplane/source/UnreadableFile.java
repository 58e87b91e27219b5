package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.DiagnosticCode;

/// A config file that lies there and cannot be read.
///
/// @param code `FILE_UNREADABLE` or `FILE_TOO_LARGE`
/// @param message why, with the value and what was expected
public record UnreadableFile(FileKey key, DiagnosticCode code, String message) {
    public UnreadableFile {
        requireNonNull(key, "key");
        requireNonNull(code, "code");
        requireNonNull(message, "message");
    }
}
