package io.mimicore.dataplane.http;

import io.mimicore.dataplane.trace.TraceContext;
import org.jspecify.annotations.Nullable;

/// An exchange that somebody watches: everything goes through to the one it wraps, and its end is
/// told to whoever handles it first and to the watcher then. Confined to its event loop.
public abstract class WatchedExchange implements Exchange, Exchange.EndListener {
    private final Exchange exchange;
    private @Nullable EndListener listener;

    /// @param exchange untouched so far
    protected WatchedExchange(Exchange exchange) {
        this.exchange = exchange;
    }

    /// The exchange is over and its handler knows it. The head can still be read.
    ///
    /// @param status as [EndListener#ended] has it
    protected abstract void watchEnded(int status);

    /// Begins to watch; call it before anybody else can.
    protected final void watch() {
        exchange.onEnd(this);
    }

    @Override
    public final void ended(int status) {
        EndListener waiting = listener;
        if (waiting != null) {
            waiting.ended(status);
        }
        watchEnded(status);
    }

    @Override
    public final void onEnd(EndListener endListener) {
        if (listener != null) {
            throw new IllegalStateException("onEnd: called twice (expected: once)");
        }
        listener = endListener;
    }

    @Override
    public String method() {
        return exchange.method();
    }

    @Override
    public String path() {
        return exchange.path();
    }

    @Override
    public String query() {
        return exchange.query();
    }

    @Override
    public String host() {
        return exchange.host();
    }

    @Override
    public String client() {
        return exchange.client();
    }

    @Override
    public @Nullable String header(String name) {
        return exchange.header(name);
    }

    @Override
    public String requestId() {
        return exchange.requestId();
    }

    @Override
    public long startNanos() {
        return exchange.startNanos();
    }

    @Override
    public @Nullable TraceContext span() {
        return exchange.span();
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        exchange.readBody(bytesMax, reader);
    }

    @Override
    public void execute(Runnable task) {
        exchange.execute(task);
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        exchange.schedule(delayMillis, task);
    }

    @Override
    public Answer answer(int status) {
        return exchange.answer(status);
    }

    @Override
    public void answer(StaticAnswer answer) {
        exchange.answer(answer);
    }

    @Override
    public void matched(String api, String route, long version) {
        exchange.matched(api, route, version);
    }

    @Override
    public void calledUpstream(UpstreamCall call) {
        exchange.calledUpstream(call);
    }

    @Override
    public void streamed(long bytes) {
        exchange.streamed(bytes);
    }

    @Override
    public boolean isWatched() {
        return true;
    }

    @Override
    public Exchange bare() {
        return exchange.bare();
    }

    @Override
    public boolean isOpen() {
        return exchange.isOpen();
    }
}
