package io.mimicore.dataplane.spans;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.http.WatchedExchange;
import io.mimicore.dataplane.trace.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// An exchange whose spans are kept. Confined to its event loop.
final class TracedExchange extends WatchedExchange {
    private final TraceContext span;
    private final SpanExport export;
    private final SpanClock clock;
    private final RandomGenerator random;
    private final String requestId;
    private final String userAgent;
    private final List<RequestTrace.Call> calls = new ArrayList<>(0);
    private String api = "";
    private String route = "";
    private long version;

    private TracedExchange(
            Exchange exchange,
            TraceContext span,
            SpanExport export,
            SpanClock clock,
            RandomGenerator random) {
        super(exchange);
        this.span = span;
        this.export = export;
        this.clock = clock;
        this.random = random;
        // Both are read now: the head belongs to the next request when this one has ended.
        this.requestId = exchange.requestId();
        String agent = exchange.header("user-agent");
        this.userAgent = agent == null ? "" : agent;
    }

    /// @param span kept; that of the request
    static TracedExchange of(
            Exchange exchange,
            TraceContext span,
            SpanExport export,
            SpanClock clock,
            RandomGenerator random) {
        var traced = new TracedExchange(exchange, span, export, clock, random);
        traced.watch();
        return traced;
    }

    @Override
    protected void watchEnded(int status) {
        long end = clock.nanoTime().getAsLong();
        export.add(
                new RequestTrace(
                        span,
                        epochNanos(clock.wall().instant()) - end,
                        startNanos(),
                        end,
                        new RequestTrace.Request(
                                requestId, method(), host(), path(), client(), userAgent),
                        new RequestTrace.Answered(status, api, route, version),
                        calls));
    }

    @Override
    public TraceContext span() {
        return span;
    }

    @Override
    public String requestId() {
        return requestId;
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
        TraceContext own = call.span();
        calls.add(new RequestTrace.Call(own == null ? span.child(random) : own, call));
        super.calledUpstream(call);
    }

    private static long epochNanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }
}
