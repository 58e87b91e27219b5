package io.mimicore.dataplane.upstream;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.transport.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The node's client of upstreams. Start here: [#open] for one exchange that is streamed, [#call]
/// for a response as a whole.
///
/// Every loop has connections of its own, so that no exchange ever changes threads. They belong to
/// an [Authority], not to a config: a new snapshot finds them as they are. Thread-safe.
public final class UpstreamClient implements UpstreamCaller, AutoCloseable {
    private static final int OFFLOADED_WAITING_MAX = 1024;

    private final EventLoops loops;
    private final UpstreamLimits limits;
    private final AddressBook names;
    private final Dialer dialer;
    private final DialLog log = new DialLog(System::nanoTime);
    private final UpstreamCounts counts = new UpstreamCounts();
    private final ThreadPoolExecutor offloaded;
    private final int loopCount;

    /// Held weakly: snapshots, connections and waiting exchanges hold an upstream, and when none is
    /// left it is forgotten, so that hosts of templates cannot fill the memory.
    private final Map<Authority, Known> upstreams = new HashMap<>();

    private final ReferenceQueue<Pools> departed = new ReferenceQueue<>();

    /// The context of the loop that this thread is.
    private final FastThreadLocal<LoopContext> here =
            new FastThreadLocal<>() {
                @Override
                protected LoopContext initialValue() {
                    return contextOfThisThread();
                }
            };

    private UpstreamClient(
            EventLoops loops, UpstreamLimits limits, AddressBook names, SslContext tls) {
        this.loops = loops;
        this.limits = limits;
        this.names = names;
        this.dialer = new Dialer(loops, names, tls, limits);
        int loopsSeen = 0;
        for (EventExecutor _ : loops.group()) {
            loopsSeen++;
        }
        this.loopCount = loopsSeen;
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.offloaded =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(OFFLOADED_WAITING_MAX),
                        Thread.ofPlatform().daemon().name("upstream-bodies-", 0).factory());
        offloaded.allowCoreThreadTimeOut(true);
    }

    /// Starts a client on these loops.
    ///
    /// @param trust how TLS upstreams are checked
    public static UpstreamClient start(
            EventLoops loops, UpstreamLimits limits, UpstreamTrust trust) {
        return new UpstreamClient(loops, limits, AddressBook.ofThisMachine(loops), trust.context());
    }

    /// With a resolver of the test's own.
    static UpstreamClient start(
            EventLoops loops, UpstreamLimits limits, UpstreamTrust trust, AddressBook names) {
        return new UpstreamClient(loops, limits, names, trust.context());
    }

    @Override
    public Upstream upstream(Authority authority) {
        synchronized (upstreams) {
            forgetDeparted();
            Known known = upstreams.get(authority);
            Pools pools = known == null ? null : known.get();
            if (pools == null) {
                pools = new Pools(authority, loopCount);
                upstreams.put(authority, new Known(pools, departed));
            }
            return pools;
        }
    }

    @Override
    public Running call(Upstream upstream, CallRequest request, Completion completion) {
        BufferedCall call =
                new BufferedCall(request, completion, new BufferedCall.Limits(limits, counts));
        call.start(pool(upstream));
        return call;
    }

    /// Starts an exchange. Only on one of the loops; everything of the exchange happens there.
    ///
    /// Waits, within the pool's limits, until there is a connection; the caller sets a time limit
    /// by cancelling.
    ///
    /// @param opened told once, before the listener, unless there is no connection: the listener is
    ///   told that
    /// @return takes the exchange back while it waits, and cancels it afterwards
    public Running open(
            Upstream upstream, UpstreamRequest request, ResponseListener listener, Opened opened) {
        return open(upstream, request, listener, opened, false);
    }

    /// As [#open(Upstream, UpstreamRequest, ResponseListener, Opened)].
    ///
    /// @param fresh whether it must not be an idle connection, because one has just died
    public Running open(
            Upstream upstream,
            UpstreamRequest request,
            ResponseListener listener,
            Opened opened,
            boolean fresh) {
        StreamedExchange exchange = new StreamedExchange(pool(upstream), request, listener, opened);
        exchange.start(fresh);
        return exchange;
    }

    /// Takes the stream of an exchange that has got its connection.
    public interface Opened {
        /// The head is sent; the body, if there is one, may be written.
        void opened(UpstreamStream stream);
    }

    @Override
    public boolean offload(Runnable work) {
        try {
            offloaded.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /// What is open now.
    public UpstreamCounts counts() {
        return counts;
    }

    /// Stops what is not on the loops; the connections end with the loops.
    @Override
    public void close() {
        names.close();
        offloaded.shutdownNow();
    }

    Dialer dialer() {
        return dialer;
    }

    DialLog log() {
        return log;
    }

    UpstreamLimits limits() {
        return limits;
    }

    private ConnectionPool pool(Upstream upstream) {
        return ((Pools) upstream).of(here.get());
    }

    private LoopContext contextOfThisThread() {
        int index = 0;
        for (EventExecutor executor : loops.group()) {
            if (executor.inEventLoop()) {
                return new LoopContext(index, (EventLoop) executor, this);
            }
            index++;
        }
        throw new IllegalStateException(
                "thread: " + Thread.currentThread().getName() + " (expected: an event loop)");
    }

    private void forgetDeparted() {
        for (var gone = departed.poll(); gone != null; gone = departed.poll()) {
            Known known = (Known) gone;
            upstreams.remove(known.authority, known);
        }
    }

    private static final class Known extends WeakReference<Pools> {
        private final Authority authority;

        Known(Pools pools, ReferenceQueue<Pools> queue) {
            super(pools, queue);
            this.authority = pools.authority;
        }
    }

    /// The pools of one authority, one for each loop.
    private static final class Pools implements Upstream {
        private final Authority authority;
        private final AtomicReferenceArray<@Nullable ConnectionPool> pools;

        Pools(Authority authority, int loops) {
            this.authority = requireNonNull(authority, "authority");
            this.pools = new AtomicReferenceArray<>(loops);
        }

        @Override
        public Authority authority() {
            return authority;
        }

        /// Only the loop itself writes its place.
        ConnectionPool of(LoopContext loop) {
            ConnectionPool pool = pools.get(loop.index());
            if (pool == null) {
                pool = new ConnectionPool(this, loop);
                pools.set(loop.index(), pool);
            }
            return pool;
        }
    }
}
