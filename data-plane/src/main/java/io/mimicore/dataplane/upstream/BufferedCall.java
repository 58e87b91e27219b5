package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.CallReply;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// One call: its connection, its time, its response as a whole.
///
/// Sent a second time, once, when an idle connection died before a byte came back and the method is
/// idempotent (RFC 9110 §9.2.2), or when the upstream has said that it did nothing. Confined to its
/// event loop.
final class BufferedCall
        implements UpstreamCaller.Running, ResponseListener, ConnectionPool.Waiter {
    private static final byte[] NO_BYTES = {};
    private static final int FIRST_BYTES = 1024;

    /// Room that is made for a length only because it is announced.
    private static final int ANNOUNCED_BYTES_MAX = 64 * 1024;

    private final CallRequest request;
    private final UpstreamCaller.Completion completion;
    private final Limits limits;
    private @Nullable ConnectionPool pool;
    private @Nullable UpstreamStream stream;
    private @Nullable Future<?> timer;
    private @Nullable ResponseHead head;
    private byte[] body = NO_BYTES;
    private int size;
    private boolean retried;
    private boolean over;

    /// What a call may take.
    record Limits(UpstreamLimits each, UpstreamCounts counts) {}

    BufferedCall(CallRequest request, UpstreamCaller.Completion completion, Limits limits) {
        this.request = request;
        this.completion = completion;
        this.limits = limits;
    }

    void start(ConnectionPool connections) {
        pool = connections;
        timer =
                connections
                        .loop()
                        .schedule(this::timedOut, request.timeoutMillis(), TimeUnit.MILLISECONDS);
        connections.acquire(this, false);
    }

    @Override
    public void acquired(UpstreamConnection connection) {
        if (over) {
            return;
        }
        byte[] content = request.body();
        UpstreamStream started =
                connection.start(
                        new UpstreamRequest(
                                request.method(),
                                request.target(),
                                request.host(),
                                request.fixed(),
                                request.more(),
                                content == null ? UpstreamRequest.NO_BODY : content.length,
                                false),
                        this);
        if (over) {
            return;
        }
        stream = started;
        if (content != null && content.length > 0) {
            started.write(Unpooled.wrappedBuffer(content));
            started.end();
        }
    }

    @Override
    public void notAcquired(UpstreamException failure) {
        fail(failure.kind(), failure.text());
    }

    @Override
    public void head(ResponseHead responseHead) {
        head = responseHead;
        String coding = responseHead.value("content-encoding");
        if (coding != null && !coding.isBlank() && !coding.equalsIgnoreCase("identity")) {
            fail(
                    CallFailure.Kind.BODY,
                    "the body is coded, Content-Encoding: " + shown(coding) + " (expected: none)");
        }
    }

    @Override
    public void body(ByteBuf piece) {
        try {
            if (!over) {
                append(piece);
            }
        } finally {
            piece.release();
        }
    }

    private void append(ByteBuf piece) {
        int more = piece.readableBytes();
        int most = limits.each().bodyBytesMax();
        if (more > most - size) {
            fail(CallFailure.Kind.TOO_LARGE, "the response is larger than " + most + " bytes");
            return;
        }
        if (more > body.length - size && !grow(size + more, most)) {
            fail(CallFailure.Kind.BUSY, "too many responses are being read");
            return;
        }
        piece.readBytes(body, size, more);
        size += more;
    }

    /// The first room for a body: if it can be believed, as much as is announced.
    private long first() {
        long announced = head == null ? -1 : head.announcedLength();
        return announced < 0 ? FIRST_BYTES : Math.min(announced, ANNOUNCED_BYTES_MAX);
    }

    private boolean grow(int needed, int most) {
        int length =
                (int)
                        Math.min(
                                most,
                                Math.max(needed, body.length == 0 ? first() : 2L * body.length));
        long growth = (long) length - body.length;
        if (limits.counts().bufferedBytes().addAndGet(growth) > limits.each().bufferedBytesMax()) {
            limits.counts().bufferedBytes().addAndGet(-growth);
            return false;
        }
        body = Arrays.copyOf(body, length);
        return true;
    }

    @Override
    public void end(@Nullable ResponseHead trailers) {
        ResponseHead complete = head;
        if (!over && complete != null) {
            byte[] whole = size == body.length ? body : Arrays.copyOf(body, size);
            finish();
            completion.completed(new Reply(complete, whole));
        }
    }

    @Override
    public void failed(UpstreamException failure) {
        ConnectionPool connections = pool;
        if (!over && connections != null && !retried && mayRepeat(failure)) {
            retried = true;
            stream = null;
            connections.acquire(this, true);
        } else {
            fail(failure.kind(), failure.text());
        }
    }

    @Override
    public void cancel() {
        if (!over) {
            finish();
            stop();
        }
    }

    private boolean mayRepeat(UpstreamException failure) {
        return switch (failure.processed()) {
            case NO -> failure.kind() == CallFailure.Kind.BROKEN;
            case HARDLY ->
                    switch (request.method()) {
                        case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
                        default -> false;
                    };
            case MAYBE -> false;
        };
    }

    private void timedOut() {
        fail(CallFailure.Kind.TIMEOUT, "not done after " + request.timeoutMillis() + " ms");
    }

    private void fail(CallFailure.Kind kind, String message) {
        if (!over) {
            finish();
            stop();
            completion.failed(new CallFailure(kind, message));
        }
    }

    private void finish() {
        over = true;
        if (timer != null) {
            timer.cancel(false);
        }
        limits.counts().bufferedBytes().addAndGet(-body.length);
        body = NO_BYTES;
    }

    private void stop() {
        if (stream != null) {
            stream.cancel();
        } else if (pool != null) {
            pool.forget(this);
        }
    }

    private static String shown(String value) {
        return value.length() > 40 ? value.substring(0, 40) + "…" : value;
    }

    private record Reply(ResponseHead head, byte[] content) implements CallReply {
        @Override
        public int status() {
            return head.status();
        }

        @Override
        public @Nullable String header(String name) {
            return head.value(name);
        }

        @Override
        public void eachHeader(BiConsumer<String, String> fields) {
            head.each((name, value) -> fields.accept(name.toLowerCase(Locale.ROOT), value));
        }

        @Override
        public byte[] body() {
            return content;
        }
    }
}
