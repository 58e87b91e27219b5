package io.mimicore.dataplane.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/// Event loops, and the kinds of channels that run on them: epoll where there is one, else NIO.
///
/// A server and the client of its upstreams share them, so that a request and the calls it makes
/// stay on one thread. Thread-safe.
// Netty tells failures through the channel: nothing is left to do about loops that stop.
@SuppressWarnings("FutureReturnValueIgnored")
public final class EventLoops implements AutoCloseable {
    private final EventLoopGroup group;
    private final boolean epoll;

    private EventLoops(EventLoopGroup group, boolean epoll) {
        this.group = group;
        this.epoll = epoll;
    }

    /// Starts loops.
    ///
    /// @param name names the threads
    /// @param threads number of loops, at least 1
    public static EventLoops start(String name, int threads) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), io),
                epoll);
    }

    /// As many loops as the machine has processors.
    public static EventLoops start(String name) {
        return start(name, Math.max(1, Runtime.getRuntime().availableProcessors()));
    }

    /// The loops.
    public EventLoopGroup group() {
        return group;
    }

    /// What listens on them.
    Class<? extends ServerChannel> serverChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /// What connects over TCP on them.
    public Class<? extends SocketChannel> clientChannel() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// What sends datagrams on them.
    public Class<? extends DatagramChannel> datagramChannel() {
        return epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
    }

    /// What connects over Unix domain sockets on them.
    public Class<? extends Channel> socketChannel() {
        return epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
    }

    /// A Unix domain socket as their channels know it.
    ///
    /// @param path absolute
    public SocketAddress socketAddress(String path) {
        return epoll ? new DomainSocketAddress(path) : UnixDomainSocketAddress.of(path);
    }

    /// Stops the loops and waits at most two seconds.
    @Override
    public void close() {
        if (!group.isShuttingDown()) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
