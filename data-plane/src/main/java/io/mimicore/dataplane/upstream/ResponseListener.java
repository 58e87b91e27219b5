package io.mimicore.dataplane.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Hears the response of one exchange, piece by piece, on the exchange's event loop.
///
/// In order: [#head] once, [#body] any number of times, then [#end]; or, at any point, [#failed]
/// instead of what is left. After [UpstreamStream#cancel] nothing more comes.
public interface ResponseListener {
    /// The final status and the header fields have come. After 101, told only for a request that
    /// asks for an upgrade, the connection is a tunnel: what comes is told as body until either
    /// side ends, and what is written goes out as it is.
    void head(ResponseHead head);

    /// An interim response has come (RFC 9110 §15.2), not 101.
    default void interim(ResponseHead head) {}

    /// What had come is told: the time to send on what was made of it.
    default void readCompleted() {}

    /// The upstream has ended its side of the tunnel, but may still read.
    default void outputEnded() {}

    /// A piece of the body has come.
    ///
    /// @param piece owned by the listener
    void body(ByteBuf piece);

    /// The response is complete.
    ///
    /// @param trailers `null`: there are none
    void end(@Nullable ResponseHead trailers);

    /// The exchange failed; nothing more comes.
    void failed(UpstreamException failure);

    /// [UpstreamStream#isWritable] has changed.
    default void writabilityChanged() {}
}
