package io.mimicore.dataplane.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.config.CodeState;
import io.mimicore.config.CompileOutcome;
import io.mimicore.config.ConfigCompiler;
import io.mimicore.config.ConfigFile;
import io.mimicore.config.ConfigReader;
import io.mimicore.config.ReadOutcome;
import io.mimicore.dataplane.call.CallFailure;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.ScriptedUpstreams.Call;
import io.mimicore.dataplane.metrics.CallOutcome;
import io.mimicore.ir.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls to upstreams on the way of a request, from configs as authors write them.
class UpstreamStepTest {
    private final PipelineFixture fixture = new PipelineFixture();

    @Test
    void call_jsonBody_isTheResultItself() {
        serve(
                "[{'name':'svc','url':'http://u/x'}]",
                "{'d':'{{svc.data.n}}','all':'{{svc | json}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().json("{\"data\":{\"n\":5}}");
        assertThat(exchange.bodyText()).isEqualTo("{\"d\":\"5\",\"all\":{\"data\":{\"n\":5}}}");
        assertThat(outcomes(CallOutcome.OK)).isEqualTo(1);
    }

    @Test
    void call_statusAndHeaders_areRead() {
        serve(
                "[{'name':'svc','url':'http://u/x'}]",
                "{'s':'{{svc.$status | json}}','h':'{{svc.$headers.X-Tag}}','none':'{{svc.$headers.y}}',"
                        + "'all':'{{svc.$headers | json}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().answer(404, "gone", Map.of("x-tag", "t"));
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.bodyText())
                .isEqualTo("{\"s\":404,\"h\":\"t\",\"none\":\"\",\"all\":{\"x-tag\":\"t\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain text |                   | \"plain text\"",
                "{\"a\":1}  |                   | {\"a\":1}",
                "[1]        | text/plain        | [1]",
                "{broken    | text/plain        | \"{broken\"",
                "5          | application/json  | 5",
                "5          |                   | \"5\"",
                "{}         | application/problem+json; charset=utf-8 | {}",
            })
    void call_bodyOfSomeType_isJsonOrText(String body, String type, String expected) {
        serve("[{'name':'svc','url':'http://u/x'}]", "{'b':'{{svc | json}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().answer(200, body, type == null ? Map.of() : Map.of("content-type", type));
        assertThat(exchange.bodyText()).isEqualTo("{\"b\":" + expected + "}");
    }

    @Test
    void call_bodyThatIsNotTheJsonItSays_is502() {
        serve("[{'name':'svc','url':'http://u/x'}]", "{'b':'{{svc}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().json("{broken");
        assertProblem(exchange, 502, "upstream-failed", "svc: the body is no JSON, line 1");
        assertThat(outcomes(CallOutcome.BODY)).isEqualTo(1);
    }

    @Test
    void call_largeBody_isReadOffTheLoop() {
        serve("[{'name':'svc','url':'http://u/x'}]", "{'n':'{{svc | length}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().json("[" + "1,".repeat(50_000) + "1]");
        assertThat(exchange.isAnswered()).isFalse();
        assertThat(exchange.runTasks().bodyText()).isEqualTo("{\"n\":\"50001\"}");
        fixture.upstreams.refuseOffloads();
        RecordedExchange refused = fixture.get("/r/2");
        fixture.upstreams.calls().get(1).json("[" + "1,".repeat(50_000) + "1]");
        assertProblem(refused, 503, "upstream-busy", "svc: too many responses are being read");
    }

    @ParameterizedTest
    @EnumSource(CallFailure.Kind.class)
    void call_failing_isItsProblemNamingTheCall(CallFailure.Kind kind) {
        serve("[{'name':'svc','url':'http://u/x'}]", "{'b':'{{svc}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().fail(kind, "why");
        int status =
                switch (kind) {
                    case VALUE -> 400;
                    case TIMEOUT -> 504;
                    case BUSY -> 503;
                    case CONNECT, BROKEN, TOO_LARGE, STATUS, BODY -> 502;
                };
        assertThat(exchange.status()).isEqualTo(status);
        assertThat(PipelineFixture.json(exchange).path("detail").asString()).isEqualTo("svc: why");
        assertThat(outcomes(CallOutcome.valueOf(kind.name()))).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 404, 500, 503})
    void call_otherStatusThan2xx_is502(int status) {
        serve("[{'name':'svc','url':'http://u/x'}]", "{'b':'{{svc}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        only().answer(status, "{}", Map.of());
        assertProblem(exchange, 502, "upstream-failed", "svc: status: " + status);
        assertThat(outcomes(CallOutcome.STATUS)).isEqualTo(1);
    }

    @Test
    void call_failingWithOnError_hasTheFallback() {
        serve(
                "[{'name':'svc','url':'http://u/x','on_error':{'n':'{{request.path.v}}'}}]",
                "{'n':'{{svc.n}}','s':'{{svc.$status}}'}");
        RecordedExchange exchange = fixture.get("/r/7");
        only().answer(500, "{}", Map.of());
        assertThat(exchange.bodyText()).isEqualTo("{\"n\":\"7\",\"s\":\"500\"}");
        RecordedExchange other = fixture.get("/r/8");
        fixture.upstreams.calls().get(1).fail(CallFailure.Kind.TIMEOUT, "slow");
        assertThat(other.bodyText()).isEqualTo("{\"n\":\"8\",\"s\":\"\"}");
        assertThat(outcomes(CallOutcome.FALLBACK)).isEqualTo(2);
        assertThat(outcomes(CallOutcome.TIMEOUT)).isZero();
    }

    @Test
    void calls_startAsSoonAsWhatTheyNameIsKnown() {
        serve(
                "[{'name':'a','url':'http://u/a'},{'name':'b','url':'http://u/b'},"
                        + "{'name':'c','url':'http://u/{{a.id}}/{{b.$status}}'}]",
                "{'c':'{{c}}'}");
        RecordedExchange exchange = fixture.get("/r/1");
        assertThat(urls()).containsExactly("http://u/a", "http://u/b");
        fixture.upstreams.calls().get(1).json("{}");
        assertThat(urls()).hasSize(2);
        fixture.upstreams.calls().get(0).json("{\"id\":9}");
        assertThat(urls()).last().isEqualTo("http://u/9/200");
        fixture.upstreams.calls().get(2).answer(200, "done", Map.of());
        assertThat(exchange.bodyText()).isEqualTo("{\"c\":\"done\"}");
    }

    @Test
    void request_endingEarly_cancelsItsCalls() {
        serve("[{'name':'a','url':'http://u/a'},{'name':'b','url':'http://u/b'}]", "{}");
        RecordedExchange exchange = fixture.get("/r/1");
        fixture.upstreams.calls().get(0).fail(CallFailure.Kind.CONNECT, "gone");
        assertThat(exchange.status()).isEqualTo(502);
        assertThat(fixture.upstreams.calls().get(1).isCancelled()).isTrue();
        assertThat(outcomes(CallOutcome.CANCELLED, "b")).isEqualTo(1);
        RecordedExchange left = fixture.get("/r/2");
        left.disconnect();
        assertThat(fixture.upstreams.calls()).filteredOn(Call::isCancelled).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "a%2Fb,     a%2Fb",
        "a%5C..%5Cb,",
        "%2E%2E,",
        ".,",
        "..%2F..%2Fadmin,",
        "a%2F..%2Fadmin,",
        "%252e%252e, %252e%252e",
        "a%3Fx=1,   a%3Fx%3D1",
        "a%23f,     a%23f",
        "a&b=c,     a%26b%3Dc",
        "100%25,    100%25",
        "a%0D%0AX:b, a%0D%0AX%3Ab",
        "a%00b,     a%00b",
        "%40evil.example, %40evil.example",
        "b%C3%BCcher, b%C3%BCcher",
        "...,       ...",
    })
    void value_inThePathAndQuery_staysInItsPlace(String sent, String expected) {
        serve(
                "[{'name':'svc','url':'http://u/users/{{request.query.v | url_encode}}/o?q={{request.query.v}}&z=1'}]",
                "{}");
        RecordedExchange exchange = fixture.get("/r/1?v=" + sent.replace("&", "%26"));
        if (expected == null) {
            assertProblem(exchange, 400, "upstream-value", "svc: url: ");
            assertThat(fixture.upstreams.calls()).isEmpty();
            assertThat(outcomes(CallOutcome.VALUE)).isEqualTo(1);
        } else {
            assertThat(only().url())
                    .isEqualTo("http://u/users/" + expected + "/o?q=" + expected + "&z=1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "svc.example, http://svc.example/x, ",
        "SVC,        http://svc/x,         http://svc.example/x",
        "b%C3%BCcher, http://xn--bcher-kva/x, http://xn--bcher-kva.example/x",
        "b%C3%BCcher.de, http://xn--bcher-kva.de/x, ",
        "a%2Fb,, ",
        "a%3A80,, ",
        "a%40b,, ",
        "a%23b,, ",
        "a%3Fb,, ",
        "a%25b,, ",
        "a%0D%0Ab,, ",
        "a%00,, ",
        "a%20b,, ",
        "a%EF%BC%8Fb,, ",
        "a%EF%BC%8Eb, http://a.b/x, ",
        "a%E3%80%82b, http://a.b/x, ",
        "a..b,, ",
    })
    void value_inTheHost_isAHostOrRefused(String sent, String whole, String part) {
        serve("[{'name':'svc','url':'http://{{request.path.v}}/x'}]", "{}");
        assertUrl(fixture.get("/r/" + sent), whole);
        fixture.upstreams.calls().clear();
        serve("[{'name':'svc','url':'http://{{request.path.v}}.example/x'}]", "{}");
        assertUrl(fixture.get("/r/" + sent), part);
    }

    @ParameterizedTest
    @CsvSource({"8080,8080", "0,", "65536,", "80%2Fx,", "-1,", "a,"})
    void value_inThePort_isANumberOrRefused(String sent, String port) {
        serve("[{'name':'svc','url':'http://u:{{request.path.v}}/x'}]", "{}");
        assertUrl(fixture.get("/r/" + sent), port == null ? null : "http://u:" + port + "/x");
    }

    @ParameterizedTest
    @CsvSource({
        "http://u, http://u/",
        "http://U:80?a=b, http://u/?a=b",
        "https://u:443/a%20b?c, https://u/a%20b?c",
        "HTTPS://[::1]:8443/é, https://[::1]:8443/%C3%A9",
    })
    void url_withoutHoles_isMadeCanonical(String url, String expected) {
        serve("[{'name':'svc','url':'" + url + "'}]", "{}");
        fixture.get("/r/1");
        assertThat(only().url()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%0D%0AX-Evil:1", "a%0Ab", "a%00b", "a%0Db"})
    void value_inAHeader_cannotAddOne(String sent) {
        serve("[{'name':'svc','url':'http://u/x','headers':{'X-A':'{{request.query.h}}'}}]", "{}");
        RecordedExchange exchange = fixture.get("/r/1?h=" + sent);
        assertProblem(exchange, 400, "upstream-value", "svc: header: x-a (expected: no control");
        assertThat(fixture.upstreams.calls()).isEmpty();
    }

    @Test
    void request_ofACall_isWhatTheConfigSays() {
        serve(
                "[{'name':'svc','url':'http://u/x','method':'POST','timeout':70,"
                        + "'headers':{'X-A':'{{request.path.v}}','Host':'other','Accept':'a/b'},"
                        + "'body':{'v':'{{request.path.v}}'}}]",
                "{}");
        fixture.get("/r/7");
        Call call = only();
        assertThat(call.request().method()).isEqualTo("POST");
        assertThat(call.request().timeoutMillis()).isEqualTo(70);
        assertThat(new String(call.request().host(), UTF_8)).isEqualTo("other");
        assertThat(new String(requireNonNull(call.request().body()), UTF_8))
                .isEqualTo("{\"v\":\"7\"}");
        assertThat(call.header("x-a")).isEqualTo("7");
        assertThat(call.header("accept")).isEqualTo("a/b");
        assertThat(call.header("accept-encoding")).isEqualTo("identity");
        assertThat(call.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void trace_ofTheRequest_goesOnInEachCall() {
        serve("[{'name':'a','url':'http://u/a'},{'name':'b','url':'http://u/b'}]", "{}");
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        fixture.send(
                RecordedExchange.of("GET", "a.localhost", "/r/1")
                        .with("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                        .with("tracestate", "x=1"));
        List<String> parents =
                fixture.upstreams.calls().stream()
                        .map(call -> requireNonNull(call.header("traceparent")))
                        .toList();
        assertThat(parents).hasSize(2).doesNotHaveDuplicates();
        assertThat(parents)
                .allSatisfy(parent ->
                        assertThat(parent)
                                .matches("00-" + trace + "-[0-9a-f]{16}-01")
                                .doesNotContain("00f067aa0ba902b7"));
        assertThat(only(0).header("tracestate")).isEqualTo("x=1");
        fixture.get("/r/2");
        assertThat(only(2).header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]");
    }

    private void assertUrl(RecordedExchange exchange, @Nullable String expected) {
        if (expected == null) {
            assertProblem(exchange, 400, "upstream-value", "svc: url: ");
            assertThat(fixture.upstreams.calls()).isEmpty();
        } else {
            assertThat(only().url()).isEqualTo(expected);
        }
    }

    private static void assertProblem(
            RecordedExchange exchange, int status, String type, String detail) {
        assertThat(exchange.status()).as(exchange.bodyText()).isEqualTo(status);
        assertThat(PipelineFixture.json(exchange).path("type").asString())
                .isEqualTo("urn:mimicore:problem:" + type);
        assertThat(PipelineFixture.json(exchange).path("detail").asString()).startsWith(detail);
    }

    private Call only() {
        assertThat(fixture.upstreams.calls()).hasSize(1);
        return fixture.upstreams.calls().getFirst();
    }

    private Call only(int index) {
        return fixture.upstreams.calls().get(index);
    }

    private List<String> urls() {
        return fixture.upstreams.calls().stream().map(Call::url).toList();
    }

    private long outcomes(CallOutcome outcome) {
        return outcomes(outcome, "svc");
    }

    private long outcomes(CallOutcome outcome, String call) {
        return requireNonNull(requireNonNull(fixture.active.current()).api("a"))
                .metrics()
                .call(call)
                .count(outcome);
    }

    /// Serves an API whose one route makes these calls; `'` stands for `"`.
    private void serve(String calls, String body) {
        String config =
                ("{'api':'a','version':'v2','routes':[{'method':'GET','path':'/r/{v}',"
                                + "'transform':{'http':"
                                + calls
                                + "},'response':{'body':"
                                + body
                                + "}}]}")
                        .replace('\'', '"');
        ConfigFile file = new ConfigFile("a.json", config.getBytes(UTF_8));
        if (ConfigReader.read(file) instanceof ReadOutcome.Read read) {
            CompileOutcome outcome =
                    ConfigCompiler.compile(read.document(), new CodeState.NoCode());
            if (outcome instanceof CompileOutcome.Compiled compiled) {
                Digest digest = Digest.of(config.getBytes(UTF_8));
                fixture.serveLoaded(new LoadedApi(compiled.api(), digest, null, null));
                return;
            }
            throw new AssertionError(outcome);
        }
        throw new AssertionError(Arrays.asList(config));
    }
}
