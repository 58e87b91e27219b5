package io.mimicore.dataplane.pipeline;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.cors.CorsPolicy;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RequestHandler;
import io.mimicore.dataplane.http.StaticAnswer;
import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.dataplane.limit.TokenBucket;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.LinkedApi;
import io.mimicore.dataplane.link.LinkedProxy;
import io.mimicore.dataplane.link.LinkedRoute;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.StaticPage;
import io.mimicore.dataplane.metrics.CallMetrics;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.metrics.RouteMetrics;
import io.mimicore.dataplane.problem.Problem;
import io.mimicore.dataplane.problem.ProblemCode;
import io.mimicore.dataplane.routing.PercentEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Answers requests by the snapshot that serves when they arrive.
///
/// Thread-safe: event loops share it. A route whose answer is static is served here and without
/// allocation; for every other one a [Passage] is made.
public final class RequestPipeline implements RequestHandler {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ActiveSnapshot active;
    private final HttpMetrics metrics;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final ErrorAnswers errors;

    /// @param active the snapshot that serves
    /// @param ticker the clock of durations, the same as that of [Exchange#startNanos()]
    /// @param random draws the jitter of delays; thread-safe
    public RequestPipeline(
            ActiveSnapshot active,
            HttpMetrics metrics,
            PipelineSettings settings,
            Ticker ticker,
            RandomGenerator random) {
        this.active = requireNonNull(active, "active");
        this.metrics = requireNonNull(metrics, "metrics");
        this.ticker = requireNonNull(ticker, "ticker");
        this.random = requireNonNull(random, "random");
        this.errors = new ErrorAnswers(settings, ticker);
    }

    @Override
    @SuppressWarnings("IllegalCatch") // the border: whatever failed, the client gets an answer
    public void handle(Exchange exchange) {
        PreparedSnapshot snapshot = active.current();
        LinkedApi api = snapshot == null ? null : snapshot.find(exchange.host());
        try {
            if (snapshot == null) {
                String detail = "The node has no snapshot yet";
                refuse(exchange, null, null, Problem.of(ProblemCode.NOT_READY, detail));
            } else if (api == null) {
                String detail = "host: " + exchange.host();
                refuse(exchange, snapshot, null, Problem.of(ProblemCode.UNKNOWN_HOST, detail));
            } else if (api.proxy() != null) {
                pass(exchange, snapshot, api, api.proxy());
            } else {
                route(exchange, snapshot, api);
            }
        } catch (RuntimeException e) {
            refuse(exchange, snapshot, api, errors.fault(exchange, e));
        }
    }

    ErrorAnswers errors() {
        return errors;
    }

    /// Draws ids and jitter; thread-safe.
    RandomGenerator random() {
        return random;
    }

    /// The clock of durations.
    long nanos() {
        return ticker.nanos();
    }

    /// Counts an answer of a route.
    void count(RouteMetrics route, Exchange exchange, int status) {
        if (HttpMetrics.COUNTS) {
            route.count(exchange.method(), status, ticker.nanos() - exchange.startNanos());
        }
    }

    /// Counts a request that was passed on.
    void count(CallMetrics calls, Exchange exchange, CallOutcome outcome) {
        if (HttpMetrics.COUNTS) {
            calls.count(outcome, ticker.nanos() - exchange.startNanos());
        }
    }

    /// A uniform number of milliseconds, 0..`millisMax`.
    int jitterMillis(int millisMax) {
        return millisMax == 0 ? 0 : random.nextInt(millisMax + 1);
    }

    private void route(Exchange exchange, PreparedSnapshot snapshot, LinkedApi api) {
        String path = exchange.path();
        if (!PercentEncoding.isValid(path)) {
            String detail = "path: (expected: percent-encoded UTF-8)";
            refuse(exchange, snapshot, api, Problem.of(ProblemCode.PATH_ENCODING, detail));
            return;
        }
        LinkedRoute route = api.routes().find(exchange.method(), path);
        if (route == null || (route.takesAnyMethod() && CorsPolicy.isPreflight(exchange))) {
            answerWithoutRoute(exchange, snapshot, api);
            return;
        }
        exchange.matched(api.name(), route.metrics().route(), snapshot.version());
        if (isRateLimited(exchange, snapshot, api, route.metrics())) {
            return;
        }
        switch (route) {
            case LinkedRoute.Static fixed -> answerStatic(exchange, snapshot, api, fixed);
            case LinkedRoute.Dynamic dynamic -> {
                boolean retains = !dynamic.steps().isEmpty();
                if (retains && !snapshot.tryRetain()) {
                    // Swapped out and gone since it was read; the one after it is there already.
                    handle(exchange);
                } else {
                    new Passage(this, exchange, snapshot, api, dynamic).start();
                }
            }
        }
    }

    private void pass(
            Exchange exchange, PreparedSnapshot snapshot, LinkedApi api, LinkedProxy proxy) {
        exchange.matched(api.name(), proxy.requests().route(), snapshot.version());
        var passage = new ProxyPassage(this, exchange, snapshot, api, proxy);
        if (proxy.ownCors() && CorsPolicy.isPreflight(exchange)) {
            passage.answerPreflight();
        } else if (!isRateLimited(exchange, snapshot, api, proxy.requests())) {
            passage.start();
        }
    }

    /// Whether the request was turned away; it is answered and counted then.
    private boolean isRateLimited(
            Exchange exchange, PreparedSnapshot snapshot, LinkedApi api, RouteMetrics counted) {
        TokenBucket bucket = api.bucket();
        long waitNanos = bucket == null ? 0 : bucket.tryAcquire();
        if (waitNanos <= 0) {
            return false;
        }
        api.metrics().countRateLimited();
        send(exchange, snapshot, api, rateLimited(api, waitNanos));
        count(counted, exchange, ProblemCode.RATE_LIMITED.status());
        return true;
    }

    private void answerStatic(
            Exchange exchange, PreparedSnapshot snapshot, LinkedApi api, LinkedRoute.Static route) {
        StaticPage page = route.page();
        StaticAnswer fixed = page.answer(errors.versionOf(snapshot));
        if (page.hasOwnCors() || api.cors().isConstant(exchange)) {
            exchange.answer(fixed);
        } else {
            Answer answer = exchange.answer(fixed.status());
            List<String> headers = fixed.headers();
            for (int i = 0; i < headers.size(); i += 2) {
                answer.header(headers.get(i), headers.get(i + 1));
            }
            api.cors().addOriginTo(answer, exchange);
            answer.body().write(fixed.body());
            answer.send();
        }
        count(route.metrics(), exchange, fixed.status());
    }

    /// Answers where the path or the method has no route, and preflights.
    private void answerWithoutRoute(Exchange exchange, PreparedSnapshot snapshot, LinkedApi api) {
        List<String> methods = api.routes().methods(exchange.path());
        if (methods.isEmpty()) {
            String detail = "path: " + exchange.path();
            refuse(exchange, snapshot, api, Problem.of(ProblemCode.UNKNOWN_PATH, detail));
            return;
        }
        List<String> allowed = new ArrayList<>(methods);
        if (!allowed.contains("OPTIONS")) {
            allowed.add("OPTIONS");
        }
        String allow = String.join(", ", allowed);
        if (!exchange.method().equals("OPTIONS")) {
            String detail = "method: " + exchange.method() + " (expected: " + allow + ")";
            refuse(
                    exchange,
                    snapshot,
                    api,
                    Problem.of(ProblemCode.METHOD_NOT_ALLOWED, detail).withHeader("Allow", allow));
            return;
        }
        Answer answer = exchange.answer(204);
        errors.addVersion(answer, snapshot);
        answer.header("Allow", allow);
        if (CorsPolicy.isPreflight(exchange)) {
            api.cors().addPreflightTo(answer, exchange, allowed);
        } else {
            api.cors().addTo(answer, exchange);
        }
        answer.send();
        count(metrics.unmatched(), exchange, 204);
    }

    /// Answers a request that has come to no route, and counts it so.
    private void refuse(
            Exchange exchange,
            @Nullable PreparedSnapshot snapshot,
            @Nullable LinkedApi api,
            Problem problem) {
        send(exchange, snapshot, api, problem);
        count(metrics.unmatched(), exchange, problem.code().status());
    }

    private void send(
            Exchange exchange,
            @Nullable PreparedSnapshot snapshot,
            @Nullable LinkedApi api,
            Problem problem) {
        errors.send(exchange, snapshot, api, problem);
    }

    private static Problem rateLimited(LinkedApi api, long waitNanos) {
        long seconds = Math.max(1, Math.ceilDiv(waitNanos, NANOS_PER_SECOND));
        return Problem.of(
                        ProblemCode.RATE_LIMITED, "The rate limit of " + api.name() + " is used up")
                .withHeader("Retry-After", Long.toString(seconds));
    }
}
