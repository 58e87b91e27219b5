package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;

/// The side of an exchange that the caller holds. Confined to the exchange's event loop; once the
/// exchange is over every method does nothing, but for releasing what it is given.
public interface UpstreamStream {
    /// Sends a piece of the request's body; a request that was opened with a body only.
    ///
    /// @param piece owned by the stream
    void write(ByteBuf piece);

    /// Ends the request's body.
    void end();

    /// Whether more should be written: `false` while much waits to be sent.
    boolean isWritable();

    /// Whether the response is read from the connection. While it is not, at most what has been
    /// read already is still told to the listener.
    void reading(boolean on);

    /// Ends the exchange: HTTP/1.1 closes the connection unless the response is complete, HTTP/2
    /// resets the stream. The listener hears nothing more.
    void cancel();
}
