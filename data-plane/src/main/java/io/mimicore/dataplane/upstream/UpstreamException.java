package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.CallFailure;

/// An exchange with an upstream failed. Without a stack trace: it is an outcome of a request.
public final class UpstreamException extends Exception {
    private static final long serialVersionUID = 1L;

    private final CallFailure.Kind kind;
    private final Processed processed;

    UpstreamException(CallFailure.Kind kind, String message, Processed processed) {
        super(message, null, false, false);
        this.kind = kind;
        this.processed = processed;
    }

    static UpstreamException broken(String message) {
        return new UpstreamException(CallFailure.Kind.BROKEN, message, Processed.MAYBE);
    }

    static UpstreamException connect(String message) {
        return new UpstreamException(CallFailure.Kind.CONNECT, message, Processed.NO);
    }

    static UpstreamException timeout(String message) {
        return new UpstreamException(CallFailure.Kind.TIMEOUT, message, Processed.NO);
    }

    static UpstreamException busy(String message) {
        return new UpstreamException(CallFailure.Kind.BUSY, message, Processed.NO);
    }

    /// What went wrong.
    public CallFailure.Kind kind() {
        return kind;
    }

    /// What the upstream may have done with the request.
    Processed processed() {
        return processed;
    }

    /// Whether an idempotent request may be sent once more, over a fresh connection.
    public boolean mayRepeat() {
        return processed == Processed.HARDLY;
    }

    /// For the client of the request.
    public String text() {
        return String.valueOf(getMessage());
    }

    /// Whether the upstream may have acted on the request.
    enum Processed {
        /// It may have.
        MAYBE,
        /// It may have, but the connection was an old one that died before a byte came back, most
        /// likely while the request was on its way (RFC 9112 §9.3.1): an idempotent one may be sent
        /// again.
        HARDLY,
        /// It has said, or cannot have.
        NO
    }
}
