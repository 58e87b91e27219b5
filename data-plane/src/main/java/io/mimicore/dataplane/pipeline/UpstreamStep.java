package io.mimicore.dataplane.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.call.CallReply;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.link.ResponsePlan;
import io.mimicore.dataplane.link.UpstreamPlan;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.problem.Problem;
import io.mimicore.dataplane.problem.ProblemCode;
import io.mimicore.dataplane.render.ReplySlots;
import io.mimicore.dataplane.render.Scope;
import io.mimicore.dataplane.render.Template;
import io.mimicore.dataplane.render.UrlTemplate;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Json;
import io.mimicore.dataplane.value.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One call to an upstream on the way of a request, from its templates to its result.
///
/// Confined to the exchange's event loop, but for the reading of a large body.
final class UpstreamStep implements UpstreamCaller.Completion {
    /// Longest value of a header of a call, in bytes: as long as what a node reads in a request.
    private static final int HEADER_VALUE_BYTES_MAX = 32 * 1024;

    /// Bodies up to this size, in bytes, are parsed on the event loop: about half a millisecond.
    private static final int INLINE_BYTES_MAX = 64 * 1024;

    private final UpstreamPlan plan;
    private final Scope scope;
    private final Host host;
    private final long startNanos;
    private UpstreamCaller.@Nullable Running running;
    private @Nullable Authority authority;
    private byte[] target = {};
    private @Nullable TraceContext span;
    private int status;
    private boolean over;

    /// What the request that the call is made for gives it.
    interface Host {
        /// The clock of durations.
        long nanos();

        /// The span of the call.
        TraceContext span();

        /// Notes that the call has ended.
        void called(UpstreamCall call);

        /// Runs a part of the request's way on its event loop; from any thread.
        void execute(Runnable part);

        /// The call has its result.
        void done(Value result);

        /// The call failed: the request ends.
        void failed(Problem problem);
    }

    UpstreamStep(UpstreamPlan plan, Scope scope, Host host) {
        this.plan = plan;
        this.scope = scope;
        this.host = host;
        this.startNanos = host.nanos();
    }

    void start() {
        try {
            Authority to = plan.url().authority(scope);
            authority = to;
            target = plan.url().target(scope);
            UpstreamCaller.Upstream known = plan.upstream();
            Template hostField = plan.host();
            List<HeaderBlock.Field> more = headers();
            CallRequest request =
                    new CallRequest(
                            plan.method(),
                            target,
                            hostField == null
                                    ? to.hostField().getBytes(ISO_8859_1)
                                    : headerValue("Host", hostField),
                            plan.fixed(),
                            more,
                            body(),
                            plan.timeoutMillis());
            UpstreamCaller.Running started =
                    plan.caller()
                            .call(
                                    known == null ? plan.caller().upstream(to) : known,
                                    request,
                                    this);
            if (!over) {
                running = started;
            }
        } catch (UrlTemplate.ValueException e) {
            refuse(e.text());
        } catch (HeaderException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    /// Ends the call, if it is not over.
    void cancel() {
        if (!over) {
            over = true;
            count(CallOutcome.CANCELLED, CallOutcome.CANCELLED);
            if (running != null) {
                running.cancel();
            }
        }
    }

    @Override
    public void completed(CallReply reply) {
        if (over) {
            return;
        }
        // Whatever comes of it, the status is known.
        status = reply.status();
        scope.slots()[plan.slots().status()] = Value.Whole.of(reply.status());
        fillHeaders(reply);
        boolean success = reply.status() >= 200 && reply.status() <= 299;
        if (!success && !plan.takesAnyStatus()) {
            fail(CallOutcome.STATUS, "status: " + reply.status() + " (expected: 2xx)");
            return;
        }
        String type = reply.header("content-type");
        byte[] body = reply.body();
        if (body.length <= INLINE_BYTES_MAX) {
            read(ReplyBody.read(body, type));
            return;
        }
        boolean offloaded =
                plan.caller()
                        .offload(() -> {
                            ReplyBody value = ReplyBody.read(body, type);
                            host.execute(() -> read(value));
                        });
        if (!offloaded) {
            fail(CallOutcome.BUSY, "too many responses are being read");
        }
    }

    @Override
    public void failed(CallFailure failure) {
        if (!over) {
            fail(outcome(failure.kind()), failure.message());
        }
    }

    private void read(ReplyBody body) {
        if (over) {
            return;
        }
        String wrong = body.wrong();
        if (wrong != null) {
            fail(CallOutcome.BODY, wrong);
            return;
        }
        over = true;
        count(CallOutcome.OK, CallOutcome.OK);
        host.done(body.value());
    }

    private void fillHeaders(CallReply reply) {
        ReplySlots slots = plan.slots();
        for (ReplySlots.Header header : slots.headers()) {
            String value = reply.header(header.name());
            scope.slots()[header.slot()] = value == null ? Value.MISSING : new Value.Text(value);
        }
        if (slots.allHeaders() >= 0) {
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            reply.eachHeader((name, value) -> {
                JsonNode before = all.get(name);
                all.put(name, before == null ? value : before.stringValue() + ", " + value);
            });
            scope.slots()[slots.allHeaders()] = new Value.Tree(all);
        }
    }

    private List<HeaderBlock.Field> headers() throws HeaderException {
        List<HeaderBlock.Field> more = new ArrayList<>(plan.headers().size() + 2);
        for (ResponsePlan.Header header : plan.headers()) {
            more.add(
                    new HeaderBlock.Field(
                            header.name(), headerValue(header.name(), header.value())));
        }
        if (!plan.ownTrace()) {
            TraceContext own = host.span();
            span = own;
            more.add(
                    new HeaderBlock.Field(
                            TraceContext.TRACEPARENT, own.traceparent().getBytes(ISO_8859_1)));
            if (!own.tracestate().isEmpty()) {
                more.add(
                        new HeaderBlock.Field(
                                TraceContext.TRACESTATE, own.tracestate().getBytes(ISO_8859_1)));
            }
        }
        return more;
    }

    private byte[] headerValue(String name, Template template) throws HeaderException {
        if (template.isConstant()) {
            return template.constant();
        }
        var sink = new ByteArraySink(HEADER_VALUE_BYTES_MAX);
        try {
            template.render(scope, sink);
        } catch (ByteSink.Overflow e) {
            throw new HeaderException(
                    "header: "
                            + name
                            + " (expected: at most "
                            + HEADER_VALUE_BYTES_MAX
                            + " bytes)");
        }
        byte[] value = sink.toByteArray();
        if (!HeaderBlock.isValue(value)) {
            throw new HeaderException("header: " + name + " (expected: no control characters)");
        }
        return value;
    }

    private byte @Nullable [] body() {
        Template template = plan.body();
        if (template == null) {
            return null;
        }
        var sink = new ByteArraySink(Answer.BODY_BYTES_MAX);
        template.render(scope, sink);
        return sink.toByteArray();
    }

    /// A value that does not fit is whoever's mistake that sent it: there is no fallback for it.
    private void refuse(String why) {
        over = true;
        count(CallOutcome.VALUE, CallOutcome.VALUE);
        host.failed(Problem.of(ProblemCode.UPSTREAM_VALUE, plan.name() + ": " + why));
    }

    private void fail(CallOutcome outcome, String why) {
        over = true;
        Template onError = plan.onError();
        if (onError == null) {
            count(outcome, outcome);
            host.failed(problem(outcome, plan.name() + ": " + why));
            return;
        }
        count(CallOutcome.FALLBACK, outcome);
        var sink = new ByteArraySink(Answer.BODY_BYTES_MAX);
        onError.render(scope, sink);
        byte[] json = sink.toByteArray();
        JsonNode tree = Json.parseOrNull(json);
        host.done(tree == null ? new Value.Raw(json) : Json.value(tree));
    }

    /// @param counted as what the call is counted
    /// @param real how it ended before a fallback took its place
    private void count(CallOutcome counted, CallOutcome real) {
        long now = host.nanos();
        if (HttpMetrics.COUNTS) {
            plan.metrics().count(counted, now - startNanos);
        }
        host.called(
                new UpstreamCall(
                        plan.name(),
                        destination(),
                        status,
                        real == CallOutcome.OK ? "" : real.label(),
                        startNanos,
                        now,
                        span));
    }

    private UpstreamCall.Destination destination() {
        Authority to = authority;
        return to == null
                ? new UpstreamCall.Destination(plan.method(), "", "", 0, target)
                : to.destination(plan.method(), target);
    }

    private static CallOutcome outcome(CallFailure.Kind kind) {
        return switch (kind) {
            case VALUE -> CallOutcome.VALUE;
            case CONNECT -> CallOutcome.CONNECT;
            case BROKEN -> CallOutcome.BROKEN;
            case TOO_LARGE -> CallOutcome.TOO_LARGE;
            case STATUS -> CallOutcome.STATUS;
            case BODY -> CallOutcome.BODY;
            case TIMEOUT -> CallOutcome.TIMEOUT;
            case BUSY -> CallOutcome.BUSY;
        };
    }

    private static Problem problem(CallOutcome outcome, String detail) {
        return switch (outcome) {
            case TIMEOUT -> Problem.of(ProblemCode.UPSTREAM_TIMEOUT, detail);
            case BUSY ->
                    Problem.of(ProblemCode.UPSTREAM_BUSY, detail).withHeader("Retry-After", "1");
            case VALUE -> Problem.of(ProblemCode.UPSTREAM_VALUE, detail);
            case OK, FALLBACK, CONNECT, BROKEN, TOO_LARGE, STATUS, BODY, CANCELLED ->
                    Problem.of(ProblemCode.UPSTREAM_FAILED, detail);
        };
    }

    /// A rendered header that cannot be sent. Without a stack trace: it is an outcome of a request.
    private static final class HeaderException extends Exception {
        private static final long serialVersionUID = 1L;

        HeaderException(String message) {
            super(message, null, false, false);
        }
    }
}
