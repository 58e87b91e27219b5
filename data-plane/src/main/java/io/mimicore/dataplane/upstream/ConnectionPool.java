package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connections of one authority on one event loop, and who waits for one. Confined to the loop.
///
/// The connection that was used last is used next, so that those too many become idle and are
/// closed. Connections are dialed for those who wait, not for a fixed number; where it is not known
/// yet whether the upstream speaks HTTP/2, one is dialed and the others wait for what it says.
// Netty tells failures through the channel: nothing is done about a timer that does not run.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionPool implements Dialer.Outcome {
    private final Authority authority;

    /// Held so that the upstream is known as long as a connection to it is open.
    private final UpstreamCaller.Upstream upstream;

    private final LoopContext context;
    private final Set<UpstreamConnection> connections = new LinkedHashSet<>();
    private final Deque<Http1Connection> idle = new ArrayDeque<>();
    private final List<Http2Connection> multiplexed = new ArrayList<>();
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private @Nullable InetAddress preferred;
    private int dialing;
    private boolean sweeping;

    /// Whether one dial at a time is enough: true until TLS has said that it is HTTP/1.1.
    private boolean dialsOneByOne;

    /// Who needs a connection.
    interface Waiter {
        /// One is there, with capacity; use it at once.
        void acquired(UpstreamConnection connection);

        /// There will be none.
        void notAcquired(UpstreamException failure);
    }

    ConnectionPool(UpstreamCaller.Upstream upstream, LoopContext context) {
        this.upstream = upstream;
        this.authority = upstream.authority();
        this.context = context;
        this.dialsOneByOne = authority.secure();
    }

    /// Whose connections these are.
    UpstreamCaller.Upstream upstream() {
        return upstream;
    }

    /// The loop.
    EventLoop loop() {
        return context.loop();
    }

    /// Asks for a connection; the waiter is told once, maybe before this returns.
    ///
    /// @param proven whether an idle connection will not do: the upstream may have closed it
    void acquire(Waiter waiter, boolean proven) {
        UpstreamConnection free = proven ? null : take();
        if (free != null) {
            waiter.acquired(free);
        } else if (waiting.size() - dialing >= context.limits().waitingMax()) {
            waiter.notAcquired(
                    UpstreamException.busy(
                            context.limits().waitingMax()
                                    + " calls wait for a connection already"));
        } else {
            waiting.add(waiter);
            context.counts().waiting().increment();
            dialForWaiters();
        }
    }

    /// Takes back what was asked for.
    void forget(Waiter waiter) {
        if (waiting.remove(waiter)) {
            context.counts().waiting().decrement();
        }
    }

    @Override
    public void connected(UpstreamConnection connection) {
        dialing--;
        connections.add(connection);
        context.counts().connections().increment();
        context.counts().opened().increment();
        if (connection.channel().remoteAddress() instanceof InetSocketAddress address) {
            preferred = address.getAddress();
        }
        switch (connection) {
            case Http1Connection _ -> dialsOneByOne = false;
            case Http2Connection multi -> {
                dialsOneByOne = true;
                multiplexed.add(multi);
            }
        }
        if (!sweeping) {
            sweeping = true;
            sweepLater();
        }
        available(connection);
        dialForWaiters();
    }

    @Override
    public void failed(UpstreamException failure, Throwable cause) {
        dialing--;
        context.dialEnded();
        context.counts().failed().increment();
        context.log().dialFailed(authority, cause);
        if (dialing == 0 && connections.isEmpty()) {
            List<Waiter> all = List.copyOf(waiting);
            all.forEach(waiter -> give(waiter, failure));
        } else if (waiting.size() > dialing) {
            // Those that are left wait for connections that are in use.
            give(waiting.getFirst(), failure);
        }
    }

    private void give(Waiter waiter, UpstreamException failure) {
        if (waiting.remove(waiter)) {
            context.counts().waiting().decrement();
            waiter.notAcquired(failure);
        }
    }

    @Override
    public void available(UpstreamConnection connection) {
        if (!connections.contains(connection)) {
            return;
        }
        while (connection.capacity() > 0 && !waiting.isEmpty()) {
            context.counts().waiting().decrement();
            waiting.remove().acquired(connection);
        }
        if (connection instanceof Http1Connection single && single.capacity() > 0) {
            idle.addLast(single);
        }
    }

    @Override
    public void closed(UpstreamConnection connection) {
        if (connections.remove(connection)) {
            context.counts().connections().decrement();
            context.dialEnded();
            switch (connection) {
                case Http1Connection single -> idle.remove(single);
                case Http2Connection multi -> multiplexed.remove(multi);
            }
            dialForWaiters();
        }
    }

    private @Nullable UpstreamConnection take() {
        for (Http2Connection connection : multiplexed) {
            if (connection.capacity() > 0) {
                return connection;
            }
        }
        Http1Connection last = idle.pollLast();
        while (last != null && last.capacity() == 0) {
            last = idle.pollLast();
        }
        return last;
    }

    private void dialForWaiters() {
        UpstreamLimits limits = context.limits();
        while (dialing < waiting.size()
                && connections.size() + dialing < limits.connectionsMax()
                && (!dialsOneByOne || dialing == 0)) {
            if (!context.mayDial()) {
                if (connections.isEmpty() && dialing == 0) {
                    List.copyOf(waiting)
                            .forEach(waiter ->
                                    give(
                                            waiter,
                                            UpstreamException.busy(
                                                    "the node has no connection left")));
                }
                return;
            }
            dialing++;
            context.dialer().dial(context.loop(), authority, preferred, this);
        }
    }

    private void sweepLater() {
        long millis = Math.max(1, context.limits().idleMillis() / 2);
        context.loop().schedule(this::sweep, millis, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long now = context.loop().ticker().nanoTime();
        long idleNanos = TimeUnit.MILLISECONDS.toNanos(context.limits().idleMillis());
        for (UpstreamConnection connection : List.copyOf(connections)) {
            if (connection.isIdle() && now - connection.idleSinceNanos() >= idleNanos) {
                connection.retire();
            }
        }
        sweeping = !connections.isEmpty();
        if (sweeping) {
            sweepLater();
        }
    }
}
