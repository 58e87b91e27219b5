package io.mimicore.dataplane.pipeline;

import static io.mimicore.dataplane.link.RouteFixture.call;
import static io.mimicore.dataplane.link.RouteFixture.hole;
import static io.mimicore.dataplane.link.RouteFixture.literal;
import static io.mimicore.dataplane.link.RouteFixture.slot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.RouteFixture;
import io.mimicore.dataplane.link.ScriptedPools;
import io.mimicore.dataplane.link.ScriptedPools.Call;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Argument;
import io.mimicore.ir.CodeCall;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.TextTemplate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PassageTest {
    private static final RequestField PARAMETER = new RequestField.PathParameter("n");

    @Test
    void respond_callInsideAString_printsItsResult() {
        PipelineFixture fixture =
                serving(
                        RouteFixture.of("GET", "/calc/{n}")
                                .extract(PARAMETER, ValueType.INTEGER)
                                .json(
                                        new JsonTemplate.Raw("{\"result\":\""),
                                        new JsonTemplate.InString(call(0, slot(0))),
                                        new JsonTemplate.Raw("\"}")));

        RecordedExchange exchange = fixture.get("/calc/5");
        Call called = only(pool(fixture).calls());
        assertThat(called.function()).isZero();
        assertThat(called.arguments()).containsExactly(Value.Whole.of(5));
        assertThat(exchange.isAnswered()).isFalse();
        called.complete(Value.Whole.of(10));
        exchange.runTasks();

        assertThat(exchange.bodyText()).isEqualTo("{\"result\":\"10\"}");
        assertThat(exchange.endedWith()).isEqualTo(200);
    }

    @Test
    void respond_callAsAWholeValue_isItsJson() {
        PipelineFixture fixture =
                serving(
                        RouteFixture.of("GET", "/x")
                                .json(
                                        new JsonTemplate.Raw("["),
                                        new JsonTemplate.Value(call(0)),
                                        new JsonTemplate.Raw(","),
                                        new JsonTemplate.Value(call(1)),
                                        new JsonTemplate.Raw("]")));

        RecordedExchange exchange = fixture.get("/x");
        List<Call> calls = pool(fixture).calls();
        calls.get(1).complete(new Value.Encoded("{\"b\":2}".getBytes(UTF_8)));
        calls.get(0).complete(new Value.Raw("plain".getBytes(UTF_8)));
        exchange.runTasks();

        assertThat(exchange.bodyText()).isEqualTo("[\"plain\",{\"b\":2}]");
    }

    @Test
    void steps_independentOnes_startTogether() {
        PipelineFixture fixture =
                serving(RouteFixture.of("GET", "/x").text(hole(call(0)), hole(call(1))));

        fixture.get("/x");

        assertThat(pool(fixture).calls()).extracting(Call::function).containsExactly(0, 1);
    }

    @Test
    void steps_nestedCall_waitsForTheInnerOne() {
        PipelineFixture fixture =
                serving(
                        RouteFixture.of("GET", "/x")
                                .text(hole(call(1, call(0), new Expression.Variable(0, List.of()))))
                                .codeCall(new CodeCall("late", 0, 2, List.of())));

        RecordedExchange exchange = fixture.get("/x");
        assertThat(pool(fixture).calls())
                .extracting(Call::function)
                .containsExactlyInAnyOrder(0, 2);
        for (Call call : pool(fixture).calls()) {
            assertThat(pool(fixture).calls()).hasSize(2);
            call.complete(Value.Whole.of(call.function() + 100L));
            exchange.runTasks();
        }
        Call outer = pool(fixture).calls().get(2);

        assertThat(outer.function()).isEqualTo(1);
        assertThat(outer.arguments()).containsExactly(Value.Whole.of(100), Value.Whole.of(102));
        outer.complete(new Value.Text("done"));
        assertThat(exchange.runTasks().bodyText()).isEqualTo("done");
    }

    @Test
    void steps_codeCallWithTemplates_getsThemRendered() {
        PipelineFixture fixture =
                serving(
                        RouteFixture.of("GET", "/x/{n}")
                                .extract(PARAMETER, ValueType.STRING)
                                .codeCall(
                                        new CodeCall(
                                                "result",
                                                1,
                                                0,
                                                List.of(
                                                        new Argument.Text(
                                                                new TextTemplate(
                                                                        List.of(
                                                                                literal("n="),
                                                                                hole(slot(0))))),
                                                        new Argument.Json(
                                                                new JsonTemplate(
                                                                        List.of(
                                                                                new JsonTemplate
                                                                                        .Raw("[\""),
                                                                                new JsonTemplate
                                                                                        .InString(
                                                                                        slot(0)),
                                                                                new JsonTemplate
                                                                                        .Raw(
                                                                                        "\"]")))),
                                                        new Argument.Computed(slot(0)))))
                                .text(hole(slot(1))));

        RecordedExchange exchange = fixture.get("/x/%22");
        Call called = only(pool(fixture).calls());

        assertThat(called.arguments().get(0)).isEqualTo(new Value.Text("n=\""));
        assertThat(called.arguments().get(1))
                .isInstanceOfSatisfying(
                        Value.Encoded.class,
                        json -> assertThat(new String(json.json(), UTF_8)).isEqualTo("[\"\\\"\"]"));
        assertThat(called.arguments().get(2)).isEqualTo(new Value.Text("\""));
        called.complete(Value.TRUE);
        assertThat(exchange.runTasks().bodyText()).isEqualTo("true");
    }

    @ParameterizedTest
    @EnumSource(CodeFailure.Kind.class)
    void steps_failedCall_endsTheRequestWithItsStatus(CodeFailure.Kind kind) {
        PipelineFixture fixture =
                serving(RouteFixture.of("GET", "/x").text(hole(call(0)), hole(call(1))));

        RecordedExchange exchange = fixture.get("/x");
        List<Call> calls = pool(fixture).calls();
        calls.get(1).fail(kind, "f1: it failed");
        calls.get(0).complete(Value.TRUE);
        exchange.runTasks();

        assertThat(exchange.status()).isEqualTo(kind.status());
        assertThat(PipelineFixture.json(exchange).get("detail").stringValue())
                .isEqualTo("f1: it failed");
        assertThat(exchange.answered("retry-after"))
                .isEqualTo(kind == CodeFailure.Kind.BUSY ? List.of("1") : List.of());
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("*");
    }

    @Test
    void steps_twoFailures_theFirstDecides() {
        PipelineFixture fixture =
                serving(RouteFixture.of("GET", "/x").text(hole(call(0)), hole(call(1))));

        RecordedExchange exchange = fixture.get("/x");
        List<Call> calls = pool(fixture).calls();
        calls.get(1).fail(CodeFailure.Kind.TIMEOUT, "slow");
        calls.get(0).fail(CodeFailure.Kind.ERROR, "wrong");
        exchange.runTasks();

        assertThat(exchange.status()).isEqualTo(504);
    }

    @Test
    void snapshot_swappedWhileACallRuns_keepsItsPoolToTheEnd() {
        RouteFixture route = RouteFixture.of("GET", "/x").text(hole(call(0)));
        PipelineFixture fixture = serving(route);
        ScriptedPools.Pool old = pool(fixture);
        RecordedExchange exchange = fixture.get("/x");

        fixture.serve(ApiFixture.named("a").route(RouteFixture.of("GET", "/y")));

        assertThat(old.closes()).isZero();
        only(old.calls()).complete(new Value.Text("old"));
        exchange.runTasks();
        assertThat(exchange.bodyText()).isEqualTo("old");
        assertThat(exchange.answered("x-mimicore-version")).containsExactly("42");
        assertThat(old.closes()).isEqualTo(1);
        assertThat(fixture.get("/x").status()).isEqualTo(404);
    }

    @Test
    void snapshot_clientGone_isReleasedAndNothingMoreIsCalled() {
        PipelineFixture fixture =
                serving(RouteFixture.of("GET", "/x").text(hole(call(1, call(0)))));
        ScriptedPools.Pool pool = pool(fixture);
        RecordedExchange exchange = fixture.get("/x");

        exchange.disconnect();
        fixture.active.clear();

        assertThat(pool.closes()).isEqualTo(1);
        only(pool.calls()).complete(Value.TRUE);
        exchange.runTasks();
        assertThat(pool.callsAfterClose()).isZero();
        assertThat(exchange.isAnswered()).isFalse();
    }

    @Test
    void snapshot_bodyRefusedByTheTransport_isReleased() {
        PipelineFixture fixture =
                serving(
                        RouteFixture.of("GET", "/x")
                                .extract(new RequestField.Body(), ValueType.STRING)
                                .text(hole(call(0, slot(0)))));
        ScriptedPools.Pool pool = pool(fixture);

        fixture.send(RecordedExchange.of("GET", "a.localhost", "/x").withBody(new byte[2_000_000]));
        fixture.active.clear();

        assertThat(pool.closes()).isEqualTo(1);
    }

    private static PipelineFixture serving(RouteFixture route) {
        return PipelineFixture.serving(
                ApiFixture.named("a").code(ApiFixture.userCode("f0", "f1", "f2")).route(route));
    }

    private static ScriptedPools.Pool pool(PipelineFixture fixture) {
        return fixture.pools.last();
    }

    private static Call only(List<Call> calls) {
        assertThat(calls).hasSize(1);
        return calls.getFirst();
    }
}
