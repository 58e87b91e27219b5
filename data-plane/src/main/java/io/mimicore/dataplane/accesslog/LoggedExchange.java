package io.mimicore.dataplane.accesslog;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.http.WatchedExchange;
import io.mimicore.dataplane.trace.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An exchange that notes for the access log what becomes of it. Confined to its event loop.
final class LoggedExchange extends WatchedExchange {
    /// What is written when the client went away before the answer, as nginx does.
    private static final int CLIENT_GONE = 499;

    private final AccessLog log;
    private final LoggedClock clock;
    private final RandomGenerator random;
    private final String requestId;
    private final String traceId;
    private @Nullable List<AccessEntry.UpstreamCall> upstream;
    private String api = "";
    private String route = "";
    private long version;
    private long bodyBytes;

    private LoggedExchange(
            Exchange exchange, AccessLog log, LoggedClock clock, RandomGenerator random) {
        super(exchange);
        this.log = log;
        this.clock = clock;
        this.random = random;
        // Both are read now: the head belongs to the next request when this one has ended.
        this.requestId = exchange.requestId();
        this.traceId = traceId(exchange);
    }

    static LoggedExchange of(
            Exchange exchange, AccessLog log, LoggedClock clock, RandomGenerator random) {
        var logged = new LoggedExchange(exchange, log, clock, random);
        logged.watch();
        return logged;
    }

    private static String traceId(Exchange exchange) {
        TraceContext span = exchange.span();
        TraceContext trace =
                span == null
                        ? TraceContext.parse(exchange.header(TraceContext.TRACEPARENT), null)
                        : span;
        return trace == null ? "" : trace.traceId();
    }

    @Override
    protected void watchEnded(int status) {
        int shown = status == 0 ? CLIENT_GONE : status;
        if (log.takes(shown, random)) {
            log.add(entry(shown));
        }
    }

    private AccessEntry entry(int status) {
        long nanos = clock.nanoTime().getAsLong() - startNanos();
        return new AccessEntry(
                clock.wall().millis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                requestId,
                traceId,
                client(),
                method(),
                host(),
                path(),
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
        super.matched(matchedApi, matchedRoute, snapshotVersion);
    }

    @Override
    public void calledUpstream(UpstreamCall call) {
        if (upstream == null) {
            upstream = new ArrayList<>(1);
        }
        upstream.add(new AccessEntry.UpstreamCall(call.name(), call.status(), call.nanos()));
        super.calledUpstream(call);
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public Answer answer(int status) {
        return new CountedAnswer(super.answer(status));
    }

    @Override
    public void answer(StaticAnswer answer) {
        bodyBytes = answer.body().length;
        super.answer(answer);
    }

    @Override
    public void streamed(long bytes) {
        bodyBytes = bytes;
        super.streamed(bytes);
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
