package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The side of an exchange that the caller holds. Confined to the exchange's event loop; once the
/// exchange is over every method does nothing, but for releasing what it is given.
public interface UpstreamStream {
    /// Sends a piece of the request's body; a request that was opened with a body only.
    ///
    /// @param piece owned by the stream
    void write(ByteBuf piece);

    /// Ends the request's body.
    void end();

    /// As [#write], but leaves with the next [#flush].
    default void pass(ByteBuf piece) {
        write(piece);
    }

    /// Sends what waits.
    default void flush() {}

    /// As [#end], but leaves with the next [#flush].
    ///
    /// @param trailers lines to send after a body whose length was not known, each with its CR LF;
    ///   owned by the stream
    default void end(@Nullable ByteBuf trailers) {
        if (trailers != null) {
            trailers.release();
        }
        end();
    }

    /// Ends this side of a tunnel, once everything has been sent.
    default void endTunnelOutput() {
        cancel();
    }

    /// Whether more should be written: `false` while much waits to be sent.
    boolean isWritable();

    /// Whether the response is read from the connection. While it is not, at most what has been
    /// read already is still told to the listener.
    void reading(boolean on);

    /// Ends the exchange: HTTP/1.1 closes the connection unless the response is complete, HTTP/2
    /// resets the stream. The listener hears nothing more.
    void cancel();
}
