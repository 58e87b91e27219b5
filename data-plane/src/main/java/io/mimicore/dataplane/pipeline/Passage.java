package io.mimicore.dataplane.pipeline;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.extract.RequestReader;
import io.mimicore.dataplane.extract.VariableExtraction;
import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.link.LinkedApi;
import io.mimicore.dataplane.link.LinkedRoute;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.ResponsePlan;
import io.mimicore.dataplane.link.StepPlan;
import io.mimicore.dataplane.link.UpstreamPlan;
import io.mimicore.dataplane.problem.Problem;
import io.mimicore.dataplane.problem.ProblemCode;
import io.mimicore.dataplane.problem.Violation;
import io.mimicore.dataplane.render.Node;
import io.mimicore.dataplane.render.Scope;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Delay;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request on its way through a route: body, validation, extraction, steps, delay, response.
///
/// Confined to the exchange's event loop. Holds the snapshot from its start to the end of the
/// exchange when the route has steps, so the pool it calls stays open; whatever ends the exchange,
/// [#ended] is told once and gives the hold back.
final class Passage implements Exchange.BodyReader, Exchange.EndListener {
    /// Largest body that is read, in bytes.
    private static final int BODY_BYTES_MAX = 1024 * 1024;

    /// Longest value of a rendered response header, in bytes: as much as a node reads in a request.
    private static final int HEADER_VALUE_BYTES_MAX = 32 * 1024;

    private final RequestPipeline pipeline;
    private final Exchange exchange;
    private final PreparedSnapshot snapshot;
    private final LinkedApi api;
    private final LinkedRoute.Dynamic route;
    private final RequestReader reader;
    private final Scope scope;

    /// For each step, the number of steps it still waits for.
    private final int[] waitsFor;

    private int stepsLeft;

    /// Every call to an upstream that has been started.
    private final List<UpstreamStep> calls = new ArrayList<>(0);

    /// The span of the request; absent: nothing has asked for it.
    private @Nullable TraceContext span;

    /// The answer being written, to be thrown away when writing it fails.
    private @Nullable Answer started;

    /// Whether the answer is decided or the client gone.
    private boolean over;

    /// @param snapshot retained by the caller when the route has steps; released here
    Passage(
            RequestPipeline pipeline,
            Exchange exchange,
            PreparedSnapshot snapshot,
            LinkedApi api,
            LinkedRoute.Dynamic route) {
        this.pipeline = pipeline;
        this.exchange = exchange;
        this.snapshot = snapshot;
        this.api = api;
        this.route = route;
        this.reader = new RequestReader(exchange, route.demands().parameters());
        this.scope = new Scope(reader, route.slots());
        this.stepsLeft = route.steps().steps().size();
        this.waitsFor = new int[stepsLeft];
    }

    void start() {
        exchange.onEnd(this);
        guarded(this::readRequest);
    }

    @Override
    public void read(byte[] body) {
        reader.body(body);
        guarded(this::check);
    }

    @Override
    public void ended(int status) {
        over = true;
        for (int i = 0; i < calls.size(); i++) {
            calls.get(i).cancel();
        }
        if (!route.steps().isEmpty()) {
            snapshot.release();
        }
        pipeline.count(route.metrics(), exchange, status == 0 ? CLIENT_GONE : status);
    }

    /// What is counted when the client went away before the answer, as nginx does.
    private static final int CLIENT_GONE = 499;

    private void readRequest() {
        if (route.demands().query()) {
            Violation malformed = reader.parseQuery();
            if (malformed != null) {
                end(Problem.invalid(List.of(malformed)));
                return;
            }
        }
        if (route.demands().body()) {
            exchange.readBody(BODY_BYTES_MAX, this);
        } else {
            check();
        }
    }

    private void check() {
        List<Violation> violations = new ArrayList<>(0);
        route.validator().check(reader, violations);
        if (violations.isEmpty()) {
            for (VariableExtraction extraction : route.extractions()) {
                extraction.extract(reader, scope.slots(), violations);
            }
        }
        if (!violations.isEmpty()) {
            end(Problem.invalid(violations));
        } else if (route.steps().isEmpty()) {
            delay();
        } else {
            startSteps();
        }
    }

    private void startSteps() {
        List<StepPlan.PlannedStep> steps = route.steps().steps();
        for (int i = 0; i < steps.size(); i++) {
            waitsFor[i] = steps.get(i).waitsFor();
        }
        for (int i = 0; i < steps.size() && !over; i++) {
            if (steps.get(i).waitsFor() == 0) {
                startStep(steps.get(i));
            }
        }
    }

    private void startStep(StepPlan.PlannedStep step) {
        switch (step.action()) {
            case StepPlan.Action.Code code -> callCode(step, code);
            case StepPlan.Action.Upstream upstream -> callUpstream(step, upstream.plan());
        }
    }

    private void callCode(StepPlan.PlannedStep step, StepPlan.Action.Code code) {
        List<Value> arguments = new ArrayList<>(code.arguments().size());
        for (Node argument : code.arguments()) {
            arguments.add(argument.evaluate(scope));
        }
        CodePool.Completion completion =
                new CodePool.Completion() {
                    @Override
                    public void completed(Value result) {
                        exchange.execute(() -> guarded(() -> stepDone(step, result)));
                    }

                    @Override
                    public void failed(CodeFailure failure) {
                        exchange.execute(() -> guarded(() -> end(problem(failure))));
                    }
                };
        api.pool().call(code.function(), arguments, completion);
    }

    private void callUpstream(StepPlan.PlannedStep step, UpstreamPlan plan) {
        UpstreamStep.Host host =
                new UpstreamStep.Host() {
                    @Override
                    public long nanos() {
                        return pipeline.nanos();
                    }

                    @Override
                    public TraceContext span() {
                        return childSpan();
                    }

                    @Override
                    public void called(UpstreamCall call) {
                        exchange.calledUpstream(call);
                    }

                    @Override
                    public void execute(Runnable part) {
                        exchange.execute(() -> guarded(part));
                    }

                    @Override
                    public void done(Value result) {
                        guarded(() -> stepDone(step, result));
                    }

                    @Override
                    public void failed(Problem problem) {
                        end(problem);
                    }
                };
        UpstreamStep call = new UpstreamStep(plan, scope, host);
        calls.add(call);
        call.start();
    }

    private TraceContext childSpan() {
        TraceContext own = span == null ? exchange.span() : span;
        if (own == null) {
            own =
                    TraceContext.ofRequest(
                            exchange.header(TraceContext.TRACEPARENT),
                            exchange.header(TraceContext.TRACESTATE),
                            pipeline.random());
        }
        span = own;
        return own.child(pipeline.random());
    }

    private void stepDone(StepPlan.PlannedStep step, Value result) {
        if (over) {
            return;
        }
        scope.slots()[step.slot()] = result;
        stepsLeft--;
        if (stepsLeft == 0) {
            delay();
            return;
        }
        List<StepPlan.PlannedStep> steps = route.steps().steps();
        List<Integer> next = step.next();
        for (int i = 0; i < next.size() && !over; i++) {
            int follower = next.get(i);
            if (--waitsFor[follower] == 0) {
                startStep(steps.get(follower));
            }
        }
    }

    private void delay() {
        Delay delay = route.delay();
        int millis =
                delay == null
                        ? 0
                        : delay.fixedMillis() + pipeline.jitterMillis(delay.jitterMillis());
        if (millis == 0) {
            respond();
        } else {
            exchange.schedule(millis, () -> guarded(this::respond));
        }
    }

    private void respond() {
        if (over) {
            return;
        }
        ResponsePlan response = route.response();
        Answer answer = exchange.answer(response.status());
        started = answer;
        pipeline.errors().addVersion(answer, snapshot);
        if (!response.ownCors()) {
            api.cors().addTo(answer, exchange);
        }
        if (response.contentType() != null) {
            answer.header("Content-Type", response.contentType());
        }
        for (ResponsePlan.Header header : response.headers()) {
            String value = fieldValue(header);
            if (value == null) {
                end(unsendable(header.name()));
                return;
            }
            answer.header(header.name(), value);
        }
        response.body().render(scope, answer.body());
        over = true;
        answer.send();
    }

    /// A rendered header value; `null` when it cannot be sent. To cut control characters out would
    /// send a value that nobody meant, and a line break would be a header of the client's making.
    private @Nullable String fieldValue(ResponsePlan.Header header) {
        var sink = new ByteArraySink(HEADER_VALUE_BYTES_MAX);
        header.value().render(scope, sink);
        String value = sink.toText();
        return ResponsePlan.isFieldValue(value) ? value : null;
    }

    /// Answers with a problem, unless the answer is decided.
    private void end(Problem problem) {
        if (over) {
            return;
        }
        if (started != null) {
            started.abort();
        }
        over = true;
        pipeline.errors().send(exchange, snapshot, api, problem);
    }

    /// Runs a part of the way; whatever fails in it, the client gets an answer.
    @SuppressWarnings(
            "IllegalCatch") // the border: callbacks come from the transport and from pools
    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (ByteSink.Overflow e) {
            end(Problem.of(ProblemCode.RESPONSE_TOO_LARGE, String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            end(pipeline.errors().fault(exchange, e));
        }
    }

    private static Problem problem(CodeFailure failure) {
        return switch (failure.kind()) {
            case ARGUMENT -> Problem.of(ProblemCode.CODE_ARGUMENT, failure.message());
            case ERROR, PANIC, TRAP, EXIT, MEMORY, RESULT ->
                    Problem.of(ProblemCode.CODE_FAILED, failure.message());
            case TIMEOUT -> Problem.of(ProblemCode.CODE_TIMEOUT, failure.message());
            case BUSY ->
                    Problem.of(ProblemCode.CODE_BUSY, failure.message())
                            .withHeader("Retry-After", "1");
        };
    }

    private static Problem unsendable(String header) {
        return Problem.of(
                ProblemCode.RESPONSE_HEADER,
                "header: " + header + " (expected: no control characters)");
    }
}
