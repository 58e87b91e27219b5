package io.mimicore.dataplane.transport;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Hears the client's side of a streamed exchange, on its event loop; nothing after the exchange's
/// end has been told.
public interface StreamListener {
    /// A piece of the request's body, or of what comes through a tunnel.
    ///
    /// @param piece owned by the listener
    void piece(ByteBuf piece);

    /// The request's body is complete; not told for a request without a body.
    ///
    /// @param trailers its trailer lines, each with its CR LF, owned by the listener; `null`: none
    void bodyEnded(@Nullable ByteBuf trailers);

    /// What had come is told: the time to send on what was made of it.
    void batchEnded();

    /// The client will send nothing more through the tunnel, but may still read.
    void tunnelEnded();

    /// [HttpStream#isWritable] has changed.
    void writabilityChanged();

    /// The wait set by [HttpStream#expire] is over.
    void expired();
}
