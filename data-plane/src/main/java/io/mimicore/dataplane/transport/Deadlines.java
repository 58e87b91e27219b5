package io.mimicore.dataplane.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a connection waits for, and how long at most.
///
/// One timer for each connection, which looks at the deadline when it fires and goes on sleeping
/// when that has moved: setting a deadline for each request costs a field, not a timer. Confined to
/// the event loop.
final class Deadlines {
    private static final Duration LINGER = Duration.ofSeconds(1);

    /// How long a connection may bring a last request when the server stops: more than a request is
    /// on its way.
    private static final Duration LAST_REQUEST = Duration.ofSeconds(1);

    /// What is waited for.
    enum Kind {
        IDLE,
        HEAD,
        BODY,
        STREAM,
        LINGER
    }

    private final TransportLimits limits;
    private final Consumer<Kind> timedOut;
    private @Nullable EventLoop loop;
    private @Nullable Future<?> timer;
    private @Nullable Kind kind;
    private long deadlineNanos;
    private long timerNanos;

    Deadlines(TransportLimits limits, Consumer<Kind> timedOut) {
        this.limits = limits;
        this.timedOut = timedOut;
    }

    void start(EventLoop eventLoop) {
        loop = eventLoop;
    }

    void waitForRequest() {
        set(Kind.IDLE, limits.idleTimeout());
    }

    void waitForLastRequest() {
        set(Kind.IDLE, LAST_REQUEST);
    }

    /// Counts from the first byte (or from the connection): later bytes of a head win no time.
    void waitForHead() {
        if (kind != Kind.HEAD) {
            set(Kind.HEAD, limits.headTimeout());
        }
    }

    void waitForBody() {
        set(Kind.BODY, limits.bodyIdleTimeout());
    }

    /// What a streamed exchange waits for; the stream knows what that is.
    void waitForStream(Duration wait) {
        set(Kind.STREAM, wait);
    }

    /// Until a slow reader has taken what is left of the last answer.
    void waitForDrain() {
        set(Kind.LINGER, limits.idleTimeout());
    }

    void linger() {
        set(Kind.LINGER, LINGER);
    }

    void none() {
        kind = null;
    }

    void stop() {
        kind = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        loop = null;
    }

    private void set(Kind next, Duration wait) {
        EventLoop eventLoop = loop;
        if (eventLoop == null) {
            return;
        }
        kind = next;
        deadlineNanos = eventLoop.ticker().nanoTime() + wait.toNanos();
        if (timer == null || timerNanos - deadlineNanos > 0) {
            schedule(eventLoop, wait.toNanos());
        }
    }

    private void schedule(EventLoop eventLoop, long nanos) {
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = eventLoop.ticker().nanoTime() + nanos;
        timer = eventLoop.schedule(this::fired, nanos, TimeUnit.NANOSECONDS);
    }

    private void fired() {
        timer = null;
        EventLoop eventLoop = loop;
        Kind waited = kind;
        if (eventLoop == null || waited == null) {
            return;
        }
        long left = deadlineNanos - eventLoop.ticker().nanoTime();
        if (left > 0) {
            schedule(eventLoop, left);
            return;
        }
        kind = null;
        timedOut.accept(waited);
    }
}
