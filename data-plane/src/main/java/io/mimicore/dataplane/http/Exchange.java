package io.mimicore.dataplane.http;

import io.mimicore.dataplane.trace.TraceContext;
import org.jspecify.annotations.Nullable;

/// One request and its answer.
///
/// Confined to its connection's event loop: every method but [#execute] must be called there, and
/// callbacks arrive there. After the connection is gone, everything is a silent no-op and [#isOpen]
/// is false.
public interface Exchange {
    /// The method, as sent.
    String method();

    /// The path as sent, from the first `/`, without the query.
    String path();

    /// The query as sent, without `?`; empty when there is none.
    String query();

    /// The host: lower case, without the port.
    String host();

    /// The client's address; empty where there is none.
    default String client() {
        return "";
    }

    /// The value of a header; several fields of the name are joined by `, `, cookies by `; `.
    ///
    /// @param name in lower case
    @Nullable String header(String name);

    /// The id of the request: the client's `X-Request-Id` if it is a token of at most 128
    /// characters, else a new one.
    String requestId();

    /// Monotonic time at which the head was complete, in nanoseconds.
    long startNanos();

    /// Collects the body, then calls `reader` once.
    ///
    /// A body larger than `bytesMax` is answered with 413 by the transport and `reader` is not
    /// called. Call it at most once.
    void readBody(int bytesMax, BodyReader reader);

    /// Runs `task` on the event loop; from any thread.
    void execute(Runnable task);

    /// Runs `task` on the event loop after a delay, unless the connection is gone by then.
    void schedule(long delayMillis, Runnable task);

    /// Starts the answer; exactly one of these is called, once, for each exchange.
    ///
    /// The transport adds `Content-Length`, `Date`, `Connection` where needed, and `X-Request-Id`.
    /// A body not yet read is discarded within a limit, or the connection is closed.
    Answer answer(int status);

    /// Answers with bytes made when the snapshot was prepared: the fastest path.
    ///
    /// @param answer shared, never changed
    void answer(StaticAnswer answer);

    /// Notes which route answers, before it does.
    ///
    /// @param version of the snapshot
    default void matched(String api, String route, long version) {}

    /// The span of the request, which calls to upstreams are children of; absent: nobody records
    /// it, and whoever calls an upstream makes one if it needs it.
    default @Nullable TraceContext span() {
        return null;
    }

    /// Notes a call to an upstream that has ended, before the exchange does.
    default void calledUpstream(UpstreamCall call) {}

    /// Notes how many bytes of body an answer had that was streamed, before its end is told.
    default void streamed(long bytes) {}

    /// Whether somebody wants to know what becomes of it.
    default boolean isWatched() {
        return false;
    }

    /// The exchange that the transport made: itself, or what it wraps.
    default Exchange bare() {
        return this;
    }

    /// Tells `listener` once when nothing more will happen: the answer has been handed to the
    /// transport, or the connection is gone.
    ///
    /// Call it at most once, before anything else that can end the exchange. What the exchange
    /// holds is given back there, because no other callback is certain to come.
    void onEnd(EndListener listener);

    /// Whether an answer can still reach the client.
    boolean isOpen();

    /// Takes the end of an exchange.
    interface EndListener {
        /// @param status the status of the answer, also of one the transport made itself; 0 when
        ///   the connection went before there was one
        void ended(int status);
    }

    /// Takes a complete body.
    interface BodyReader {
        /// @param body owned by the callee; empty when the request has none
        void read(byte[] body);
    }
}
