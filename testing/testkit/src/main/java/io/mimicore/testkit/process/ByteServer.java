package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Accepts stream connections, TCP on loopback or Unix domain, and lets a script have each of them.
/// Thread-safe.
public final class ByteServer implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private ByteServer(ServerSocketChannel listener, Script script) {
        this.listener = listener;
        this.script = script;
        threads.execute(this::accept);
    }

    /// What the server does with a connection.
    public interface Script {
        /// Serves it to its end; it is closed afterwards.
        ///
        /// @throws IOException when the client has gone
        void serve(ByteConnection connection) throws IOException;
    }

    /// Listens on a free port of loopback.
    public static ByteServer tcp(Script script) {
        return tcp(0, script);
    }

    /// Listens on a port of loopback.
    public static ByteServer tcp(int port, Script script) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
            return new ByteServer(channel, script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Listens on a Unix domain socket that does not exist yet.
    public static ByteServer unix(Path socket, Script script) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(socket), 1024);
            return new ByteServer(channel, script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A port of loopback that nobody listens on.
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its TCP port.
    public int port() {
        try {
            return ((InetSocketAddress) listener.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Connections accepted so far.
    public int accepted() {
        return accepted.get();
    }

    /// Connections open now.
    public int open() {
        return open.size();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                accepted.incrementAndGet();
                open.add(channel);
                threads.execute(() -> serve(channel));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            script.serve(new ByteConnection(channel));
        } catch (IOException _) {
            // The client has gone: nothing is left to serve.
        } finally {
            open.remove(channel);
        }
    }
}
