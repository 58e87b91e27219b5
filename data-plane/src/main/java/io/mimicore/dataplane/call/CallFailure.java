package io.mimicore.dataplane.call;

import static java.util.Objects.requireNonNull;

/// Why a call to an upstream failed.
///
/// @param message for the client; does not name the call
public record CallFailure(Kind kind, String message) {
    public CallFailure {
        requireNonNull(kind, "kind");
        requireNonNull(message, "message");
    }

    /// What went wrong.
    public enum Kind {
        /// A value does not fit its place in the URL or in a header.
        VALUE,
        /// No connection: the name does not resolve, nobody listens, TLS fails.
        CONNECT,
        /// The connection broke, or what came over it is not HTTP.
        BROKEN,
        /// The response is larger than a node takes.
        TOO_LARGE,
        /// The response has a status that does not count as success.
        STATUS,
        /// The body is not what its `Content-Type` says.
        BODY,
        /// Not done in time.
        TIMEOUT,
        /// Every connection is in use and too many calls wait, or too much is buffered.
        BUSY
    }
}
