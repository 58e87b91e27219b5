package io.mimicore.dataplane.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection to an upstream: many exchanges, each on a stream of its own.
///
/// Stands behind Netty's frame codec and multiplexer. Ready once the peer's settings have come, so
/// that its limit on streams is known before the first. Confined to its event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Connection extends ChannelInboundHandlerAdapter implements UpstreamConnection {
    private final Owner owner;
    private final int streamsMax;
    private final Runnable onReady;
    private ChannelHandlerContext context;
    private long peerStreamsMax = Long.MAX_VALUE;
    private int active;
    private boolean ready;
    private boolean served;
    private boolean retired;
    private boolean closed;
    private long idleSinceNanos;
    private long lastReadNanos;

    /// @param onReady told once, when the first exchange may start
    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded, before anything else
    Http2Connection(Owner owner, int streamsMax, Runnable onReady) {
        this.owner = owner;
        this.streamsMax = streamsMax;
        this.onReady = onReady;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        idleSinceNanos = now();
    }

    @Override
    public int capacity() {
        if (!ready || closed || retired || !context.channel().isActive()) {
            return 0;
        }
        return (int) Math.max(0, Math.min(streamsMax, peerStreamsMax) - active);
    }

    @Override
    public boolean isIdle() {
        return active == 0;
    }

    @Override
    public long idleSinceNanos() {
        return idleSinceNanos;
    }

    @Override
    public Channel channel() {
        return context.channel();
    }

    @Override
    public UpstreamStream start(UpstreamRequest request, ResponseListener listener) {
        active++;
        Http2Exchange exchange = new Http2Exchange(this, request, listener);
        Future<Http2StreamChannel> opened =
                new Http2StreamChannelBootstrap(context.channel()).handler(exchange).open();
        if (opened.isSuccess()) {
            exchange.send(opened.getNow());
        } else {
            context.executor().execute(exchange::failToOpen);
        }
        return exchange;
    }

    @Override
    public void retire() {
        retired = true;
        if (active == 0) {
            shut();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof Http2SettingsFrame frame) {
                Long streams = frame.settings().maxConcurrentStreams();
                peerStreamsMax = streams == null ? peerStreamsMax : streams;
                if (!ready) {
                    ready = true;
                    onReady.run();
                } else {
                    owner.available(this);
                }
            } else if (message instanceof Http2GoAwayFrame) {
                retire();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        shut();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        shut();
    }

    /// Something has come on one of its streams.
    void heard() {
        served = true;
        lastReadNanos = now();
    }

    /// Whether a response has come over it before.
    boolean hasServed() {
        return served;
    }

    /// An exchange is over.
    ///
    /// @param unheardSinceNanos when it began, if it ended because nothing came; else `null`
    void released(@Nullable Long unheardSinceNanos) {
        active--;
        idleSinceNanos = now();
        if (unheardSinceNanos != null && lastReadNanos - unheardSinceNanos < 0) {
            // Not a byte for any stream while this one waited: the connection may be dead.
            retired = true;
        }
        if (retired && active == 0) {
            shut();
        } else {
            owner.available(this);
        }
    }

    long now() {
        return context.executor().ticker().nanoTime();
    }

    private void shut() {
        if (!closed) {
            closed = true;
            owner.closed(this);
            context.close();
        }
    }
}
