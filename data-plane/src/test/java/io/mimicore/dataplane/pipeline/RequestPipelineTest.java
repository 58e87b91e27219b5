package io.mimicore.dataplane.pipeline;

import static io.mimicore.dataplane.link.RouteFixture.hole;
import static io.mimicore.dataplane.link.RouteFixture.literal;
import static io.mimicore.dataplane.link.RouteFixture.request;
import static io.mimicore.dataplane.link.RouteFixture.slot;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.RouteFixture;
import io.mimicore.ir.Extraction.ValueType;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.RequestField;
import io.mimicore.ir.Validation;
import io.mimicore.ir.Validation.BodySchema;
import io.mimicore.ir.Validation.Dialect;
import io.mimicore.ir.Validation.FieldRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RequestPipelineTest {
    @Test
    void handle_staticRoute_isServedByTheStaticPath() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/x")
                                        .status(201)
                                        .header("X-A", literal("b"))
                                        .json(new JsonTemplate.Raw("{\"a\":1}"))));

        RecordedExchange exchange = fixture.get("/x?ignored=%zz");

        assertThat(exchange.isStatic()).isTrue();
        assertThat(exchange.status()).isEqualTo(201);
        assertThat(exchange.bodyText()).isEqualTo("{\"a\":1}");
        assertThat(exchange.answered("content-type")).containsExactly("application/json");
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("*");
        assertThat(exchange.answered("x-mimicore-version")).containsExactly("42");
        assertThat(exchange.answered("x-a")).containsExactly("b");
    }

    @Test
    void handle_newVersion_unchangedStaticRouteSaysSo() {
        PipelineFixture fixture = PipelineFixture.serving(api(text("/x", "a")));
        assertThat(fixture.get("/x").answered("x-mimicore-version")).containsExactly("42");

        fixture.serve(api(text("/x", "a")), ApiFixture.named("b").route(text("/x", "b")));

        assertThat(fixture.get("/x").answered("x-mimicore-version")).containsExactly("43");
        assertThat(fixture.get("/none").answered("x-mimicore-version")).containsExactly("43");
    }

    @Test
    void handle_versionHeaderSwitchedOff_isNowhere() {
        var fixture = new PipelineFixture(new PipelineSettings(false));
        fixture.serve(api(text("/x", "a"), echo("/echo")));

        for (String target : List.of("/x", "/echo", "/none")) {
            assertThat(fixture.get(target).answered("x-mimicore-version")).isEmpty();
        }
    }

    @Test
    void handle_noSnapshot_isNotReady() {
        assertProblem(new PipelineFixture().get("/x"), 503, "not-ready");
    }

    @Test
    void handle_unknownHost_is404WithoutCors() {
        PipelineFixture fixture = PipelineFixture.serving(api(text("/x", "a")));

        RecordedExchange exchange =
                fixture.send(RecordedExchange.of("GET", "other.localhost", "/x"));

        assertProblem(exchange, 404, "unknown-host");
        assertThat(exchange.answered("access-control-allow-origin")).isEmpty();
    }

    @Test
    void handle_unknownPath_is404WithCors() {
        RecordedExchange exchange = PipelineFixture.serving(api(text("/x", "a"))).get("/y");

        assertProblem(exchange, 404, "unknown-path");
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("*");
    }

    @Test
    void handle_otherMethod_is405WithAllow() {
        PipelineFixture fixture = PipelineFixture.serving(api(text("/x", "a")));

        RecordedExchange exchange =
                fixture.send(RecordedExchange.of("DELETE", "a.localhost", "/x"));

        assertProblem(exchange, 405, "method-not-allowed");
        assertThat(exchange.answered("allow")).containsExactly("GET, HEAD, OPTIONS");
    }

    @Test
    void handle_options_isAnsweredForPathsThatExist() {
        PipelineFixture fixture = PipelineFixture.serving(api(text("/x", "a")));

        RecordedExchange known = options(fixture, "/x");
        assertThat(known.status()).isEqualTo(204);
        assertThat(known.answered("allow")).containsExactly("GET, HEAD, OPTIONS");
        assertThat(known.bodyBytes()).isEmpty();
        assertThat(options(fixture, "/y").status()).isEqualTo(404);
    }

    @Test
    void handle_optionsRoute_winsOverTheAnswerOfTheNode() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("OPTIONS", "/own").text(literal("mine")),
                                RouteFixture.anyMethod("/any").text(literal("any"))));

        assertThat(options(fixture, "/own").bodyText()).isEqualTo("mine");
        assertThat(options(fixture, "/any").bodyText()).isEqualTo("any");
    }

    @Test
    void handle_badPathEncoding_is400() {
        PipelineFixture fixture = PipelineFixture.serving(api(text("/{x}", "a")));

        assertProblem(fixture.get("/%zz"), 400, "path-encoding");
        assertProblem(fixture.get("/%ff"), 400, "path-encoding");
    }

    @Test
    void handle_rateLimit_is429WithRetryAfter() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        ApiFixture.named("a").rateLimit(0.4, 2).route(text("/x", "a")));

        assertThat(fixture.get("/x").status()).isEqualTo(200);
        assertThat(fixture.get("/x").status()).isEqualTo(200);
        RecordedExchange refused = fixture.get("/x");
        assertProblem(refused, 429, "rate-limited");
        assertThat(refused.answered("retry-after")).containsExactly("3");
        assertThat(refused.answered("access-control-allow-origin")).containsExactly("*");
        fixture.ticker.advanceMillis(2_400);
        assertThat(fixture.get("/x").answered("retry-after")).containsExactly("1");
        fixture.ticker.advanceMillis(100);
        assertThat(fixture.get("/x").status()).isEqualTo(200);
    }

    @Test
    void handle_newVersionOfTheApi_keepsTheTokensUsed() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        ApiFixture.named("a").rateLimit(1, 1).route(text("/x", "a")));
        fixture.get("/x");

        fixture.serve(ApiFixture.named("a").rateLimit(1, 1).route(text("/x", "b")));

        assertThat(fixture.get("/x").status()).isEqualTo(429);
    }

    @Test
    void handle_dynamicText_isRendered() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/hi/{name}")
                                        .extract(
                                                new RequestField.PathParameter("name"),
                                                ValueType.STRING)
                                        .header("X-Name", literal("n="), hole(slot(0)))
                                        .text(literal("hi "), hole(slot(0)))));

        RecordedExchange exchange = fixture.get("/hi/Zo%C3%AB");

        assertThat(exchange.isStatic()).isFalse();
        assertThat(exchange.bodyText()).isEqualTo("hi Zoë");
        assertThat(exchange.answered("content-type")).containsExactly("text/plain; charset=utf-8");
        assertThat(exchange.answered("x-name")).containsExactly("n=Zoë");
        assertThat(exchange.answered("x-mimicore-version")).containsExactly("42");
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("*");
    }

    @Test
    void handle_authorsHeaders_winOverTheNodesWhereTheyMay() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/x")
                                        .header("content-type", literal("text/html"))
                                        .header("Access-Control-Allow-Origin", literal("null"))
                                        .header("Content-Length", literal("999"))
                                        .header("Transfer-Encoding", literal("chunked"))
                                        .text(literal("<p>"))));

        RecordedExchange exchange = fixture.get("/x");

        assertThat(exchange.answered("content-type")).containsExactly("text/html");
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("null");
        assertThat(exchange.answered("content-length")).isEmpty();
        assertThat(exchange.answered("transfer-encoding")).isEmpty();
    }

    @Test
    void handle_headerInjection_is500AndNamesTheHeader() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/x")
                                        .header(
                                                "X-Echo",
                                                hole(request(new RequestField.Query("q"))))
                                        .text(literal("ok"))));

        RecordedExchange exchange = fixture.get("/x?q=a%0D%0ASet-Cookie:%20b=c");

        assertProblem(exchange, 500, "response-header");
        assertThat(exchange.bodyText()).contains("X-Echo");
        assertThat(exchange.answered("set-cookie")).isEmpty();
        assertThat(exchange.answered("x-echo")).isEmpty();
        assertThat(fixture.get("/x?q=a").answered("x-echo")).containsExactly("a");
    }

    @Test
    void handle_invalidRequest_tellsEveryViolationAtOnce() {
        var rules =
                new Validation(
                        List.of(new FieldRule("Authorization", true, null, null, null)),
                        List.of(new FieldRule("page", false, null, 1.0, null)),
                        new BodySchema(Dialect.DRAFT_2020_12, "{\"required\":[\"a\",\"b\"]}"));
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(RouteFixture.of("POST", "/x").validation(rules).text(literal("ok"))));

        RecordedExchange exchange =
                fixture.send(
                        RecordedExchange.of("POST", "a.localhost", "/x?page=0").withBody("{}"));

        JsonNode problem = assertProblem(exchange, 400, "invalid-request");
        assertThat(problem.get("violations").toString())
                .isEqualTo(
                        """
                        [{"in":"header","name":"Authorization","code":"required",\
                        "message":"missing (expected: present)"},\
                        {"in":"query","name":"page","code":"min",\
                        "message":"too small (expected: >= 1.0)"},\
                        {"in":"body","pointer":"","code":"required",\
                        "message":"required property 'a' not found"},\
                        {"in":"body","pointer":"","code":"required",\
                        "message":"required property 'b' not found"}]\
                        """);
        assertThat(exchange.answered("access-control-allow-origin")).containsExactly("*");
        assertThat(
                        fixture.send(
                                        RecordedExchange.of("POST", "a.localhost", "/x")
                                                .with("authorization", "x")
                                                .withBody("{\"a\":1,\"b\":2}"))
                                .bodyText())
                .isEqualTo("ok");
    }

    @Test
    void handle_extractionsThatDoNotConvert_tellEveryOne() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/x/{a}")
                                        .extract(
                                                new RequestField.PathParameter("a"),
                                                ValueType.INTEGER)
                                        .extract(new RequestField.Query("b"), ValueType.BOOLEAN)
                                        .text(hole(slot(0)))));

        JsonNode problem = assertProblem(fixture.get("/x/one?b=maybe"), 400, "invalid-request");

        assertThat(problem.get("violations").toString())
                .isEqualTo(
                        """
                        [{"in":"path","name":"a","code":"type",\
                        "message":"v0: one (expected: an integer from -2^63 to 2^64-1)"},\
                        {"in":"query","name":"b","code":"type",\
                        "message":"v1: maybe (expected: true or false)"}]\
                        """);
        assertThat(fixture.get("/x/18446744073709551615").bodyText())
                .isEqualTo("18446744073709551615");
    }

    @Test
    void handle_badQueryEncoding_is400OnlyWhereTheQueryIsRead() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(
                                RouteFixture.of("GET", "/reads")
                                        .text(hole(request(new RequestField.Query("q")))),
                                RouteFixture.of("GET", "/ignores")
                                        .text(hole(request(new RequestField.Host())))));

        assertProblem(fixture.get("/reads?q=%zz"), 400, "invalid-request");
        assertThat(fixture.get("/ignores?q=%zz").bodyText()).isEqualTo("a.localhost");
        assertThat(fixture.get("/reads?q=a+b%26&q=c").bodyText()).isEqualTo("a b&");
    }

    @Test
    void handle_bodyTooLarge_isLeftToTheTransportAndCounted() {
        PipelineFixture fixture = PipelineFixture.serving(api(echo("/echo")));

        RecordedExchange exchange =
                fixture.send(
                        RecordedExchange.of("GET", "a.localhost", "/echo")
                                .withBody(new byte[1024 * 1024 + 1]));

        assertThat(exchange.status()).isEqualTo(413);
        assertThat(exchange.endedWith()).isEqualTo(413);
        assertThat(
                        fixture.send(
                                        RecordedExchange.of("GET", "a.localhost", "/echo")
                                                .withBody(new byte[1024 * 1024]))
                                .bodyBytes())
                .hasSize(1024 * 1024);
    }

    @Test
    void handle_renderedBodyTooLarge_is500NamingTheLimit() {
        RouteFixture route = RouteFixture.of("POST", "/x");
        var body = hole(request(new RequestField.Body()));
        route.text(body, body, body, body, body);

        RecordedExchange exchange =
                PipelineFixture.serving(api(route))
                        .send(
                                RecordedExchange.of("POST", "a.localhost", "/x")
                                        .withBody(new byte[1024 * 1024]));

        assertProblem(exchange, 500, "response-too-large");
        assertThat(exchange.bodyText()).contains("4194304 bytes");
    }

    @Test
    void handle_delay_answersByTimer() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(RouteFixture.of("GET", "/x").delay(100, 50).text(literal("late"))));

        RecordedExchange exchange = fixture.get("/x");

        exchange.advance(99);
        assertThat(exchange.isAnswered()).isFalse();
        exchange.advance(51);
        assertThat(exchange.bodyText()).isEqualTo("late");
    }

    @Test
    void handle_jitter_spreadsOverTheWholeRange() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(RouteFixture.of("GET", "/x").delay(0, 3).text(literal("late"))));
        int[] answeredAt = new int[5];

        for (int i = 0; i < 400; i++) {
            RecordedExchange exchange = fixture.get("/x");
            int millis = 0;
            while (!exchange.isAnswered()) {
                exchange.advance(1);
                millis++;
            }
            answeredAt[millis]++;
        }

        assertThat(answeredAt[4]).isZero();
        assertThat(List.of(answeredAt[0], answeredAt[1], answeredAt[2], answeredAt[3]))
                .allSatisfy(count -> assertThat(count).isBetween(50, 150));
    }

    @Test
    void handle_clientGone_isCountedAs499() {
        PipelineFixture fixture =
                PipelineFixture.serving(
                        api(RouteFixture.of("GET", "/x").delay(100, 0).text(literal("late"))));
        RecordedExchange exchange = fixture.get("/x");

        exchange.disconnect();
        exchange.advance(200);

        assertThat(exchange.isAnswered()).isFalse();
        assertThat(Counters.requests(fixture.metrics)).containsEntry("a /x GET 499", 1.0);
    }

    @Test
    void handle_faultOfTheNode_is500WithoutAStackTrace() {
        PipelineFixture fixture = PipelineFixture.serving(api(echo("/echo")));
        RecordedExchange broken =
                RecordedExchange.of("GET", "a.localhost", "/echo").failingHeaders();

        RecordedExchange exchange = fixture.send(broken);

        JsonNode problem = assertProblem(exchange, 500, "internal");
        assertThat(problem.get("detail").stringValue())
                .isEqualTo("The node failed; its log names request request-1");
        assertThat(exchange.bodyText()).doesNotContain("Exception").doesNotContain("at io.");
    }

    private static JsonNode assertProblem(RecordedExchange exchange, int status, String code) {
        assertThat(exchange.status()).isEqualTo(status);
        assertThat(exchange.answered("content-type")).containsExactly("application/problem+json");
        JsonNode problem = PipelineFixture.json(exchange);
        assertThat(problem.get("type").stringValue()).isEqualTo("urn:mimicore:problem:" + code);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
        assertThat(problem.get("instance").stringValue())
                .isEqualTo("urn:mimicore:request:request-1");
        return problem;
    }

    private static RecordedExchange options(PipelineFixture fixture, String target) {
        return fixture.send(RecordedExchange.of("OPTIONS", "a.localhost", target));
    }

    private static ApiFixture api(RouteFixture... routes) {
        ApiFixture api = ApiFixture.named("a");
        for (RouteFixture route : routes) {
            api.route(route);
        }
        return api;
    }

    private static RouteFixture text(String path, String body) {
        return RouteFixture.of("GET", path).text(literal(body));
    }

    private static RouteFixture echo(String path) {
        return RouteFixture.of("GET", path)
                .text(
                        hole(request(new RequestField.Body())),
                        hole(request(new RequestField.Header("X-Echo"))));
    }
}
