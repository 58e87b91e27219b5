package io.mimicore.dataplane.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.cors.CorsPolicy;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.link.LinkedApi;
import io.mimicore.dataplane.link.LinkedProxy;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.VersionHeader;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.problem.Problem;
import io.mimicore.dataplane.problem.ProblemCode;
import io.mimicore.dataplane.trace.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One request on its way through an API that passes its requests on. Confined to the exchange's
/// event loop.
final class ProxyPassage implements ProxyCaller.Completion {
    /// What a preflight is told where the policy names no methods: which ones there are, only the
    /// target knows.
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final int CLIENT_GONE = 499;

    private final RequestPipeline pipeline;
    private final Exchange exchange;
    private final PreparedSnapshot snapshot;
    private final LinkedApi api;
    private final LinkedProxy proxy;
    private long startNanos;

    /// The span of the call; absent: nobody records it.
    private @Nullable TraceContext span;

    ProxyPassage(
            RequestPipeline pipeline,
            Exchange exchange,
            PreparedSnapshot snapshot,
            LinkedApi api,
            LinkedProxy proxy) {
        this.pipeline = pipeline;
        this.exchange = exchange;
        this.snapshot = snapshot;
        this.api = api;
        this.proxy = proxy;
    }

    void start() {
        if (proxy.target().hasBasePath() && hasDotSegment(exchange.path())) {
            String detail = "path: (expected: no dot segments, which could leave the base path)";
            pipeline.errors()
                    .send(exchange, snapshot, api, Problem.of(ProblemCode.PATH_DOTS, detail));
            pipeline.count(proxy.requests(), exchange, ProblemCode.PATH_DOTS.status());
        } else {
            TraceContext own = exchange.span();
            span = own == null ? null : own.child(pipeline.random());
            startNanos = pipeline.nanos();
            proxy.caller().pass(exchange, proxy.target(), answerFields(), span, this);
        }
    }

    /// Answers a preflight by the API's own policy.
    void answerPreflight() {
        Answer answer = exchange.answer(204);
        pipeline.errors().addVersion(answer, snapshot);
        api.cors().addPreflightTo(answer, exchange, METHODS);
        answer.send();
        pipeline.count(proxy.requests(), exchange, 204);
    }

    @Override
    public void failed(CallFailure failure) {
        pipeline.errors().send(exchange, snapshot, api, problem(failure));
    }

    @Override
    public void ended(int status, CallOutcome outcome) {
        pipeline.count(proxy.requests(), exchange, status == 0 ? CLIENT_GONE : status);
        pipeline.count(proxy.calls(), exchange, outcome);
        if (exchange.isWatched()) {
            tellWatchers(status, outcome);
        }
    }

    private void tellWatchers(int status, CallOutcome outcome) {
        boolean complete = outcome == CallOutcome.OK;
        byte[] path = exchange.path().getBytes(ISO_8859_1);
        exchange.calledUpstream(
                new UpstreamCall(
                        proxy.calls().call(),
                        proxy.target().authority().destination(exchange.method(), path),
                        complete ? status : 0,
                        complete ? "" : outcome.label(),
                        startNanos,
                        pipeline.nanos(),
                        span));
    }

    private ProxyCaller.AnswerFields answerFields() {
        String version = pipeline.errors().versionOf(snapshot);
        List<String> versionFields =
                version == null ? List.of() : List.of(VersionHeader.NAME, version);
        if (!proxy.ownCors()) {
            return new ProxyCaller.AnswerFields(versionFields, false);
        }
        CorsPolicy cors = api.cors();
        List<String> fields = new ArrayList<>(versionFields);
        fields.addAll(cors.fields(exchange));
        return new ProxyCaller.AnswerFields(fields, true);
    }

    private static Problem problem(CallFailure failure) {
        return switch (failure.kind()) {
            case TIMEOUT -> Problem.of(ProblemCode.UPSTREAM_TIMEOUT, failure.message());
            case BUSY ->
                    Problem.of(ProblemCode.UPSTREAM_BUSY, failure.message())
                            .withHeader("Retry-After", "1");
            case CONNECT, BROKEN, VALUE, TOO_LARGE, STATUS, BODY ->
                    Problem.of(ProblemCode.UPSTREAM_FAILED, failure.message());
        };
    }

    /// Whether a segment is `.` or `..`, percent-encoded or not (RFC 3986 §3.3).
    private static boolean hasDotSegment(String path) {
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0) {
            return false;
        }
        String decoded = dots(path);
        for (String segment : decoded.split("[/\\\\]", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return false;
    }

    private static String dots(String path) {
        @Nullable String lower = path.indexOf('%') < 0 ? null : path.toLowerCase(Locale.ROOT);
        return lower == null
                ? path
                : lower.replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    }
}
