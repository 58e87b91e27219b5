package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.transport.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// Makes connections: name, address after address, TLS, and the protocol that ALPN chooses.
///
/// Thread-safe; each attempt stays on its event loop.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class Dialer {
    /// Addresses of one name that are tried.
    private static final int ADDRESSES_MAX = 4;

    private static final int WINDOW_BYTES = 1024 * 1024;

    private final EventLoops loops;
    private final AddressBook names;
    private final SslContext tls;
    private final UpstreamLimits limits;

    Dialer(EventLoops loops, AddressBook names, SslContext tls, UpstreamLimits limits) {
        this.loops = loops;
        this.names = names;
        this.tls = tls;
        this.limits = limits;
    }

    /// Takes the outcome of an attempt, once, on its event loop.
    interface Outcome extends UpstreamConnection.Owner {
        /// A connection is there and may be used.
        void connected(UpstreamConnection connection);

        /// There is none.
        ///
        /// @param cause for the log
        void failed(UpstreamException failure, Throwable cause);
    }

    /// Starts an attempt.
    ///
    /// @param preferred the address that worked last, tried first; or `null`
    void dial(
            EventLoop loop, Authority authority, @Nullable InetAddress preferred, Outcome outcome) {
        if (authority.protocol() == Authority.Protocol.UNIX_SOCKET) {
            new Attempt(loop, authority, outcome).connectSocket();
            return;
        }
        names.resolve(
                authority.host(),
                addresses ->
                        loop.execute(() ->
                                new Attempt(loop, authority, outcome)
                                        .start(order(addresses, preferred))));
    }

    private static List<InetAddress> order(
            List<InetAddress> addresses, @Nullable InetAddress preferred) {
        int first = preferred == null ? -1 : addresses.indexOf(preferred);
        List<InetAddress> order = new java.util.ArrayList<>(addresses);
        if (first > 0) {
            order.addFirst(order.remove(first));
        }
        return order.subList(0, Math.min(ADDRESSES_MAX, order.size()));
    }

    /// One attempt over all addresses.
    private final class Attempt {
        private final EventLoop loop;
        private final Authority authority;
        private final Outcome outcome;
        private List<InetAddress> addresses = List.of();
        private int next;
        private boolean over;

        Attempt(EventLoop loop, Authority authority, Outcome outcome) {
            this.loop = loop;
            this.authority = authority;
            this.outcome = outcome;
        }

        void start(List<InetAddress> all) {
            addresses = all;
            if (all.isEmpty()) {
                Throwable cause = new java.net.UnknownHostException(authority.host());
                outcome.failed(UpstreamException.connect("the host's name has no address"), cause);
            } else {
                connect();
            }
        }

        private void connect() {
            InetAddress address = addresses.get(next++);
            int millis = next < addresses.size() ? limits.tryMillis() : limits.connectMillis();
            connect(
                    new Bootstrap()
                            .channel(loops.clientChannel())
                            .option(ChannelOption.TCP_NODELAY, true)
                            .option(ChannelOption.SO_KEEPALIVE, true),
                    millis,
                    new InetSocketAddress(address, authority.port()));
        }

        void connectSocket() {
            connect(
                    new Bootstrap().channel(loops.socketChannel()),
                    limits.connectMillis(),
                    loops.socketAddress(authority.host()));
        }

        private void connect(Bootstrap bootstrap, int millis, SocketAddress address) {
            ChannelFuture connected =
                    bootstrap
                            .group(loop)
                            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
                            .handler(
                                    new ChannelInitializer<Channel>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            prepare(channel);
                                        }
                                    })
                            .connect(address);
            connected.addListener(_ -> {
                if (!connected.isSuccess()) {
                    tryNext(connected.cause());
                } else if (!authority.secure()) {
                    succeed(connected.channel().pipeline().get(Http1Connection.class));
                }
            });
        }

        private void tryNext(Throwable cause) {
            if (over) {
                return;
            }
            if (next < addresses.size()) {
                connect();
                return;
            }
            over = true;
            String why =
                    switch (cause) {
                        case ConnectTimeoutException _ -> "the connection took too long";
                        case SSLException e -> "TLS failed: " + rootMessage(e);
                        case FileNotFoundException _ -> "the socket does not exist";
                        case ConnectException _ -> "the connection was refused";
                        default -> "no connection could be made";
                    };
            outcome.failed(
                    cause instanceof ConnectTimeoutException
                            ? UpstreamException.timeout(why)
                            : UpstreamException.connect(why),
                    cause);
        }

        private void succeed(UpstreamConnection connection) {
            if (!over) {
                over = true;
                outcome.connected(connection);
            }
        }

        /// Names the host in the handshake (RFC 6066 §3); left to itself the JDK does not name one
        /// without a dot.
        private void nameServer(SslHandler handler) {
            if (NetUtil.createByteArrayFromIpAddressString(authority.host()) != null) {
                return;
            }
            try {
                SSLParameters parameters = handler.engine().getSSLParameters();
                byte[] name = authority.host().getBytes(US_ASCII);
                parameters.setServerNames(List.of(new SNIHostName(name)));
                handler.engine().setSSLParameters(parameters);
            } catch (IllegalArgumentException _) {
                // A name that only the local network knows: the handshake goes on without it.
            }
        }

        /// Before a byte can come, so that none is lost.
        private void prepare(Channel channel) {
            if (!authority.secure()) {
                channel.pipeline().addLast(new Http1Connection(outcome, false));
                return;
            }
            SslHandler handler =
                    tls.newHandler(channel.alloc(), authority.host(), authority.port());
            nameServer(handler);
            if (authority.protocol() == Authority.Protocol.HTTP_1) {
                SSLParameters parameters = handler.engine().getSSLParameters();
                parameters.setApplicationProtocols(
                        new String[] {ApplicationProtocolNames.HTTP_1_1});
                handler.engine().setSSLParameters(parameters);
            }
            handler.setHandshakeTimeout(limits.connectMillis(), TimeUnit.MILLISECONDS);
            channel.pipeline().addLast(handler, new Negotiation(this));
        }
    }

    /// Chooses the protocol when TLS is up.
    private final class Negotiation extends ApplicationProtocolNegotiationHandler {
        private final Attempt attempt;
        private boolean failed;

        Negotiation(Attempt attempt) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.attempt = attempt;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                Http1Connection connection = new Http1Connection(attempt.outcome, true);
                ctx.pipeline().addLast(connection);
                attempt.succeed(connection);
                return;
            }
            Http2Connection[] made = new Http2Connection[1];
            made[0] =
                    new Http2Connection(
                            attempt.outcome, limits.streamsMax(), () -> attempt.succeed(made[0]));
            ctx.pipeline()
                    .addLast(
                            Http2FrameCodecBuilder.forClient()
                                    .initialSettings(
                                            Http2Settings.defaultSettings()
                                                    .pushEnabled(false)
                                                    .initialWindowSize(WINDOW_BYTES)
                                                    .maxHeaderListSize(
                                                            UpstreamLimits.HEAD_BYTES_MAX))
                                    .build(),
                            new Http2MultiplexHandler(new Unwanted()),
                            made[0],
                            new Settling(attempt));
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            fail(ctx, cause);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(ctx, cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            fail(ctx, new SSLException("the connection closed during the handshake"));
            super.channelInactive(ctx);
        }

        private void fail(ChannelHandlerContext ctx, Throwable cause) {
            if (!failed) {
                failed = true;
                ctx.close();
                Throwable inner = cause.getCause();
                attempt.tryNext(cause instanceof DecoderException && inner != null ? inner : cause);
            }
        }
    }

    /// Ends the attempt when a peer that chose HTTP/2 goes, or never sends its settings.
    private final class Settling extends ChannelInboundHandlerAdapter {
        private final Attempt attempt;

        Settling(Attempt attempt) {
            this.attempt = attempt;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.executor()
                    .schedule(
                            () -> {
                                if (!attempt.over) {
                                    ctx.close();
                                }
                            },
                            limits.connectMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            attempt.tryNext(new SSLException("HTTP/2 did not begin"));
            ctx.fireChannelInactive();
        }
    }

    /// Closes streams that the peer opens: push is switched off.
    @io.netty.channel.ChannelHandler.Sharable
    private static final class Unwanted extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.close();
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
