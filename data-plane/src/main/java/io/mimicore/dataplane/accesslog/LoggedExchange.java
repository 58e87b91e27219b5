package io.mimicore.dataplane.accesslog;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import io.mimicore.dataplane.trace.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An exchange that notes for the access log what becomes of it. Confined to its event loop.
final class LoggedExchange implements Exchange, Exchange.EndListener {
    /// What is written when the client went away before the answer, as nginx does.
    private static final int CLIENT_GONE = 499;

    private final Exchange exchange;
    private final AccessLog log;
    private final LoggedClock clock;
    private final RandomGenerator random;
    private final String requestId;
    private final String traceId;
    private @Nullable EndListener listener;
    private @Nullable List<AccessEntry.UpstreamCall> upstream;
    private String api = "";
    private String route = "";
    private long version;
    private long bodyBytes;

    private LoggedExchange(
            Exchange exchange, AccessLog log, LoggedClock clock, RandomGenerator random) {
        this.exchange = exchange;
        this.log = log;
        this.clock = clock;
        this.random = random;
        // Both are read now: the head belongs to the next request when this one has ended.
        this.requestId = exchange.requestId();
        TraceContext trace = TraceContext.parse(exchange.header(TraceContext.TRACEPARENT), null);
        this.traceId = trace == null ? "" : trace.traceId();
    }

    static LoggedExchange of(
            Exchange exchange, AccessLog log, LoggedClock clock, RandomGenerator random) {
        var logged = new LoggedExchange(exchange, log, clock, random);
        exchange.onEnd(logged);
        return logged;
    }

    @Override
    public void ended(int status) {
        EndListener waiting = listener;
        if (waiting != null) {
            waiting.ended(status);
        }
        int shown = status == 0 ? CLIENT_GONE : status;
        if (log.takes(shown, random)) {
            log.add(entry(shown));
        }
    }

    private AccessEntry entry(int status) {
        long nanos = clock.nanoTime().getAsLong() - exchange.startNanos();
        return new AccessEntry(
                clock.wall().millis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                requestId,
                traceId,
                exchange.client(),
                exchange.method(),
                exchange.host(),
                exchange.path(),
                status,
                bodyBytes,
                nanos,
                api,
                route,
                version,
                upstream == null ? List.of() : upstream);
    }

    @Override
    public void matched(String matchedApi, String matchedRoute, long snapshotVersion) {
        api = matchedApi;
        route = matchedRoute;
        version = snapshotVersion;
        exchange.matched(matchedApi, matchedRoute, snapshotVersion);
    }

    @Override
    public void calledUpstream(String call, int status, long nanos) {
        if (upstream == null) {
            upstream = new ArrayList<>(1);
        }
        upstream.add(new AccessEntry.UpstreamCall(call, status, nanos));
        exchange.calledUpstream(call, status, nanos);
    }

    @Override
    public void onEnd(EndListener endListener) {
        if (listener != null) {
            throw new IllegalStateException("onEnd: called twice (expected: once)");
        }
        listener = endListener;
    }

    @Override
    public Answer answer(int status) {
        return new CountedAnswer(exchange.answer(status));
    }

    @Override
    public void answer(StaticAnswer answer) {
        bodyBytes = answer.body().length;
        exchange.answer(answer);
    }

    @Override
    public void streamed(long bytes) {
        bodyBytes = bytes;
        exchange.streamed(bytes);
    }

    @Override
    public Exchange bare() {
        return exchange.bare();
    }

    @Override
    public String client() {
        return exchange.client();
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
    public @Nullable String header(String name) {
        return exchange.header(name);
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public long startNanos() {
        return exchange.startNanos();
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
    public boolean isOpen() {
        return exchange.isOpen();
    }

    /// Notes how large the body was when it is sent.
    private final class CountedAnswer implements Answer {
        private final Answer answer;
        private @Nullable ByteSink body;

        CountedAnswer(Answer answer) {
            this.answer = answer;
        }

        @Override
        public Answer header(String name, String value) {
            answer.header(name, value);
            return this;
        }

        @Override
        public ByteSink body() {
            ByteSink sink = answer.body();
            body = sink;
            return sink;
        }

        @Override
        public void send() {
            bodyBytes = body == null ? 0 : body.size();
            answer.send();
        }

        @Override
        public void abort() {
            body = null;
            answer.abort();
        }
    }
}
