package io.mimicore.dataplane.transport;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.http.RequestHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A listener that hands HTTP/1.1 requests to a [RequestHandler] on its event loops.
///
/// Uses epoll where there is one, else NIO. Thread-safe.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
public final class HttpServer implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final EventLoops loops;
    private final boolean ownsLoops;
    private final Channel listener;
    private final Shared shared;
    private final Future<?> refresh;
    private final EventLoopLag lag;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Future<?> sendingAway;

    private HttpServer(Builder builder, EventLoops loops, Channel listener, Shared shared) {
        this.lag = EventLoopLag.watch(loops.group(), shared.ticker);
        this.loops = loops;
        this.ownsLoops = builder.loops == null;
        this.listener = listener;
        this.shared = shared;
        this.refresh =
                loops.group().scheduleAtFixedRate(shared.date::refresh, 1, 1, TimeUnit.SECONDS);
    }

    /// Starts to describe a server for `handler`.
    public static Builder builder(RequestHandler handler) {
        return new Builder(handler);
    }

    /// The address it listens on, with the real port where 0 was asked for.
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /// Connections open now.
    public int connections() {
        return shared.connections.size();
    }

    /// Connections taken since the start.
    public long connectionsTaken() {
        return shared.taken.sum();
    }

    /// Direct memory that the buffers of all connections have taken from the system, in bytes; the
    /// JVM does not count it. -1: the allocator does not tell.
    public long bufferBytes() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator
                ? allocator.metric().usedDirectMemory()
                : -1;
    }

    /// Connections closed at once since the start, because there were too many.
    public long connectionsTurnedAway() {
        return shared.turnedAway.sum();
    }

    /// The longest delay lately with which an event loop came to what was due, in nanoseconds.
    public long eventLoopLagNanos() {
        return lag.nanosMax();
    }

    /// Sends clients away and serves those that come all the same: after `delay` every answer says
    /// `Connection: close` and ends its connection, and a connection without a request may bring
    /// one more for a second. Connections are taken as before. Until [#keepClients].
    ///
    /// @param delay at least 0: time for load balancers to see that the node is not ready
    public synchronized void sendClientsAway(Duration delay) {
        keepClients();
        sendingAway = loops.group().schedule(this::sendAway, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Keeps connections open again.
    public synchronized void keepClients() {
        Future<?> pending = sendingAway;
        sendingAway = null;
        if (pending != null) {
            pending.cancel(false);
        }
        shared.sendsAway = false;
    }

    private synchronized void sendAway() {
        if (sendingAway != null) {
            shared.sendsAway = true;
            drainConnections();
        }
    }

    private void drainConnections() {
        shared.connections.forEach(connection -> connection.eventLoop().execute(connection::drain));
    }

    /// Stops in order, so that no request of a client that keeps the rules is lost.
    ///
    /// No connection is taken any more. Every answer from now on tells the client that its
    /// connection ends (`Connection: close`), and ends it. A connection without a request may bring
    /// one more for a second, because that request may be on its way already; then it is closed.
    /// Whatever is left after `patience`, a body that is still sent or a connection that was
    /// upgraded, is cut.
    ///
    /// @return how many connections were cut
    public int close(Duration patience) {
        if (!closed.compareAndSet(false, true)) {
            return 0;
        }
        // First the listener: a client that is told to go comes back at once, and the system resets
        // connections that wait to be accepted when their listener is closed.
        listener.close().syncUninterruptibly();
        shared.closing = true;
        // Behind this, every connection that was accepted is among the connections.
        loops.group().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
        drainConnections();
        int cut = shared.awaitNone(patience);
        refresh.cancel(false);
        if (ownsLoops) {
            loops.close();
        } else {
            shared.connections.forEach(
                    connection -> connection.eventLoop().execute(connection::abort));
        }
        return cut;
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(5));
    }

    /// Describes a server.
    public static final class Builder {
        private final RequestHandler handler;
        private InetSocketAddress address = new InetSocketAddress("0.0.0.0", 0);
        private TransportLimits limits = TransportLimits.DEFAULT;
        private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
        private String name = "http";
        private InstantSource clock = InstantSource.system();
        private LongSupplier ticker = System::nanoTime;
        private RefusalListener refusals = (_, _) -> {};
        private @Nullable EventLoops loops;

        private Builder(RequestHandler handler) {
            this.handler = requireNonNull(handler, "handler");
        }

        /// Where to listen; port 0 takes a free one.
        public Builder address(InetSocketAddress where) {
            address = requireNonNull(where, "where");
            return this;
        }

        /// What one client may ask.
        public Builder limits(TransportLimits most) {
            limits = requireNonNull(most, "most");
            return this;
        }

        /// Number of event loops, at least 1.
        public Builder threads(int count) {
            threads = count;
            return this;
        }

        /// Loops to run on instead of own ones; whoever gives them closes them after the server.
        public Builder loops(EventLoops shared) {
            loops = requireNonNull(shared, "shared");
            return this;
        }

        /// Names the threads.
        public Builder name(String prefix) {
            name = requireNonNull(prefix, "prefix");
            return this;
        }

        /// Is told of each request that the transport refuses by itself.
        public Builder onRefused(RefusalListener listener) {
            refusals = requireNonNull(listener, "listener");
            return this;
        }

        /// Binds the listener.
        ///
        /// @throws PortUnavailableException if the address is in use or not allowed; nothing is
        ///   left behind
        public HttpServer start() throws IOException {
            EventLoops running = loops == null ? EventLoops.start(name, threads) : loops;
            Shared shared = new Shared(handler, limits, new DateHeader(clock), ticker, refusals);
            var bound =
                    new ServerBootstrap()
                            .group(running.group())
                            .channel(running.serverChannel())
                            .option(ChannelOption.SO_BACKLOG, BACKLOG)
                            .option(ChannelOption.SO_REUSEADDR, true)
                            .childOption(ChannelOption.TCP_NODELAY, true)
                            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                            .childHandler(
                                    new ChannelInitializer<Channel>() {
                                        @Override
                                        protected void initChannel(Channel child) {
                                            child.pipeline().addLast(shared.newConnection());
                                        }
                                    })
                            .bind(address)
                            .awaitUninterruptibly();
            if (!bound.isSuccess()) {
                if (loops == null) {
                    running.close();
                }
                throw new PortUnavailableException(address.getPort(), bound.cause());
            }
            return new HttpServer(this, running, bound.channel(), shared);
        }
    }

    /// What the connections share.
    private static final class Shared implements HttpServerContext {
        private final RequestHandler handler;
        private final TransportLimits limits;
        private final DateHeader date;
        private final LongSupplier ticker;
        private final RefusalListener refusals;
        private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
        private final LongAdder taken = new LongAdder();
        private final LongAdder turnedAway = new LongAdder();
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicLong connectionIds;
        private volatile boolean closing;
        private volatile boolean sendsAway;

        Shared(
                RequestHandler handler,
                TransportLimits limits,
                DateHeader date,
                LongSupplier ticker,
                RefusalListener refusals) {
            this.handler = handler;
            this.limits = limits;
            this.date = date;
            this.ticker = ticker;
            this.refusals = refusals;
            // A random start keeps the ids of different nodes, and of restarts, apart.
            this.connectionIds = new AtomicLong(new SecureRandom().nextLong() & ~0xffff_ffffL);
        }

        HttpConnection newConnection() {
            return new HttpConnection(this, connectionIds.incrementAndGet());
        }

        /// Gives the number of connections that are still there when the time is up.
        int awaitNone(Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            synchronized (connections) {
                boolean interrupted = false;
                long left = patience.toNanos();
                while (!connections.isEmpty() && left > 0 && !interrupted) {
                    try {
                        TimeUnit.NANOSECONDS.timedWait(connections, left);
                    } catch (InterruptedException _) {
                        interrupted = true;
                    }
                    left = deadline - System.nanoTime();
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return connections.size();
            }
        }

        @Override
        public TransportLimits limits() {
            return limits;
        }

        @Override
        public RequestHandler handler() {
            return handler;
        }

        @Override
        public DateHeader date() {
            return date;
        }

        @Override
        public long nanoTime() {
            return ticker.getAsLong();
        }

        @Override
        public boolean isDraining() {
            return closing || sendsAway;
        }

        @Override
        public boolean isClosing() {
            return closing;
        }

        @Override
        public boolean connectionOpened(HttpConnection connection) {
            if (open.incrementAndGet() > limits.connectionsMax()) {
                open.decrementAndGet();
                turnedAway.increment();
                return false;
            }
            taken.increment();
            connections.add(connection);
            return true;
        }

        @Override
        public void connectionClosed(HttpConnection connection) {
            open.decrementAndGet();
            connections.remove(connection);
            synchronized (connections) {
                connections.notifyAll();
            }
        }

        @Override
        public void refused(Refusal refusal) {
            refusals.refused(refusal.status(), refusal.code());
        }

        @Override
        public void unhandled(Refusal refusal) {
            refusals.unhandled(refusal.status());
        }
    }
}
