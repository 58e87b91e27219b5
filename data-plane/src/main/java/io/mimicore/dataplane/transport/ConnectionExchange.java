package io.mimicore.dataplane.transport;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The exchange that a connection is busy with.
///
/// Once answered, or once the connection is gone, it is dead: what is called later does nothing, so
/// a late callback can never touch the next request.
// Netty tells failures through the channel: a failed write or close ends in channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionExchange implements Exchange {
    private final HttpConnection connection;
    private final RequestHead head;
    private final long startNanos;
    private boolean open = true;
    private boolean bodyAsked;
    private @Nullable AnswerWriter writer;
    private @Nullable BodyReader reader;
    private @Nullable String requestId;
    private @Nullable EndListener endListener;

    // Parts of the head as this request has them; the head itself is filled anew by the next one.
    private final String method;
    private final String path;
    private final String query;
    private final String host;

    ConnectionExchange(HttpConnection connection, RequestHead head, long startNanos) {
        this.connection = connection;
        this.head = head;
        this.startNanos = startNanos;
        this.method = head.method();
        this.path = head.path();
        this.query = head.query();
        this.host = head.host();
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public String client() {
        return connection.client();
    }

    @Override
    public @Nullable String header(String name) {
        // The head belongs to this request as long as it is open: the next one is not read before.
        return open ? head.header(name) : null;
    }

    @Override
    public String requestId() {
        String id = requestId;
        if (id == null) {
            id = connection.requestId();
            requestId = id;
        }
        return id;
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public void readBody(int bytesMax, BodyReader bodyReader) {
        if (!open) {
            return;
        }
        if (bodyAsked) {
            throw new IllegalStateException("readBody: called twice (expected: once)");
        }
        bodyAsked = true;
        reader = bodyReader;
        connection.readBody(bytesMax);
    }

    @Override
    public void execute(Runnable task) {
        try {
            connection.eventLoop().execute(task);
        } catch (RejectedExecutionException _) {
            // The loop has stopped: nobody is left to answer.
        }
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        connection
                .eventLoop()
                .schedule(
                        () -> {
                            if (open) {
                                task.run();
                            }
                        },
                        delayMillis,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public Answer answer(int status) {
        if (writer != null) {
            throw new IllegalStateException("answer: called twice (expected: once)");
        }
        writer = new AnswerWriter(this, connection.allocator(), status);
        if (!open) {
            writer.release();
        }
        return writer;
    }

    @Override
    public void answer(StaticAnswer answer) {
        if (open) {
            if (writer != null) {
                throw new IllegalStateException("answer: called twice (expected: once)");
            }
            open = false;
            connection.sendStatic(this, answer);
            end(answer.status());
        }
    }

    @Override
    public void onEnd(EndListener listener) {
        if (endListener != null) {
            throw new IllegalStateException("onEnd: called twice (expected: once)");
        }
        endListener = listener;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    HttpConnection connection() {
        return connection;
    }

    void requireUnanswered() {
        if (!open || writer != null || bodyAsked) {
            throw new IllegalStateException(
                    "exchange: answered or read already (expected: untouched)");
        }
    }

    /// The answer went out as a stream.
    void streamEnded() {
        open = false;
    }

    void tellEnd(int status) {
        end(status);
    }

    @Nullable String knownRequestId() {
        return requestId;
    }

    void bodyComplete(byte[] body) {
        BodyReader waiting = reader;
        reader = null;
        if (waiting != null) {
            waiting.read(body);
        }
    }

    void finish(int status, ByteBuf fields, @Nullable ByteBuf body) {
        if (open) {
            open = false;
            connection.send(this, status, fields, body);
            end(status);
        } else {
            fields.release();
            if (body != null) {
                body.release();
            }
        }
    }

    void answerAborted() {
        writer = null;
    }

    /// The connection is gone, or answers by itself. Ends it without an answer of its own: the
    /// transport answered with `status`, or 0: nobody did.
    void die(int status) {
        if (open) {
            open = false;
            reader = null;
            if (writer != null) {
                writer.release();
            }
            end(status);
        }
    }

    private void end(int status) {
        EndListener listener = endListener;
        endListener = null;
        if (listener != null) {
            listener.ended(status);
        }
    }
}
