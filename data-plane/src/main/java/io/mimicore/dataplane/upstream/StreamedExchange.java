package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.UpstreamCaller;
import org.jspecify.annotations.Nullable;

/// An exchange from the wait for its connection on. Confined to its event loop.
final class StreamedExchange implements UpstreamCaller.Running, ConnectionPool.Waiter {
    private final ConnectionPool pool;
    private final UpstreamRequest request;
    private final ResponseListener listener;
    private final UpstreamClient.Opened opened;
    private @Nullable UpstreamStream stream;
    private boolean cancelled;

    StreamedExchange(
            ConnectionPool pool,
            UpstreamRequest request,
            ResponseListener listener,
            UpstreamClient.Opened opened) {
        this.pool = pool;
        this.request = request;
        this.listener = listener;
        this.opened = opened;
    }

    /// @param fresh whether an idle connection will not do
    void start(boolean fresh) {
        pool.acquire(this, fresh);
    }

    @Override
    public void acquired(UpstreamConnection connection) {
        UpstreamStream started = connection.start(request, listener);
        stream = started;
        if (cancelled) {
            started.cancel();
        } else {
            opened.opened(started);
        }
    }

    @Override
    public void notAcquired(UpstreamException failure) {
        if (!cancelled) {
            listener.failed(failure);
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        if (stream == null) {
            pool.forget(this);
        } else {
            stream.cancel();
        }
    }
}
