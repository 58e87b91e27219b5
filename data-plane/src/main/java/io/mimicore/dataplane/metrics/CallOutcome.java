package io.mimicore.dataplane.metrics;

/// How a call to an upstream ended; each call has one.
public enum CallOutcome {
    /// The response is the result.
    OK("ok"),
    /// It failed, in whatever way, and the value of `on_error` is the result.
    FALLBACK("fallback"),
    /// A value did not fit its place; nothing was sent.
    VALUE("value"),
    /// No connection.
    CONNECT("connect"),
    /// The connection broke, or what came is no response.
    BROKEN("broken"),
    /// The response is too large.
    TOO_LARGE("too_large"),
    /// The response has another status than 2xx.
    STATUS("status"),
    /// The body is not what its `Content-Type` says.
    BODY("body"),
    /// Not done in time.
    TIMEOUT("timeout"),
    /// Too many calls wait, or too much is buffered.
    BUSY("busy"),
    /// The request ended before the call did: its client went away, or another call failed.
    CANCELLED("cancelled");

    private final String label;

    CallOutcome(String label) {
        this.label = label;
    }

    /// The value of the label `outcome`.
    public String label() {
        return label;
    }
}
