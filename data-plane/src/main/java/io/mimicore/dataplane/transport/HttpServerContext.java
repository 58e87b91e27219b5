package io.mimicore.dataplane.transport;

import io.mimicore.dataplane.http.RequestHandler;

/// What every connection of a server shares.
interface HttpServerContext {
    TransportLimits limits();

    RequestHandler handler();

    DateHeader date();

    /// Monotonic time, in nanoseconds.
    long nanoTime();

    /// Whether connections end with the request under way, or one that comes very soon.
    boolean isDraining();

    /// Whether the listener is closed: a connection that comes all the same was late.
    default boolean isClosing() {
        return isDraining();
    }

    /// Notes a connection; false: there are too many.
    boolean connectionOpened(HttpConnection connection);

    void connectionClosed(HttpConnection connection);

    /// Notes a request that the transport refused by itself.
    void refused(Refusal refusal);

    /// Notes that no handler has heard of the request that is refused.
    void unhandled(Refusal refusal);
}
