package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mimicore.system.SpanCollector.Received;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawServer;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Spans of the running program, as a collector gets them over OTLP.
class SpanExportTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HOST = "spans.localhost";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final Pattern TRACEPARENT =
            Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-0([0-3])");

    /// Calls of the route that makes many spans.
    private static final int MANY_CALLS = 20;

    @TempDir private static Path root;
    private static MimicoreProcess program;
    private static RawServer upstream;
    private static SpanCollector collector;

    @BeforeAll
    static void start() {
        upstream = RawServer.answering(_ -> "{\"id\":1}");
        collector = SpanCollector.start(0);
        program = program("shared", collector.url(), "1").start();
    }

    @AfterAll
    static void stop() {
        program.close();
        collector.close();
        upstream.close();
    }

    @Test
    void request_withASampledParent_isItsChildAndTheCallsItsChildren() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        program.send(
                RawRequest.get(HOST, "/user/7?secret=1")
                        .header("traceparent", "00-" + trace + "-" + CALLER + "-01")
                        .header("tracestate", "congo=t61")
                        .header("User-Agent", "test/1"));
        eventually(PATIENCE, () -> assertThat(collector.ofTrace(trace)).hasSize(2));

        Received server = ofKind(trace, SpanKind.SPAN_KIND_SERVER);
        assertThat(server.parent()).isEqualTo(CALLER);
        assertThat(server.span().getName()).isEqualTo("GET /user/{id}");
        assertThat(server.span().getTraceState()).isEqualTo("congo=t61");
        assertThat(server.attributes())
                .containsEntry("http.request.method", "GET")
                .containsEntry("http.route", "/user/{id}")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("url.path", "/user/7")
                .containsEntry("url.scheme", "http")
                .containsEntry("server.address", HOST)
                .containsEntry("client.address", "127.0.0.1")
                .containsEntry("user_agent.original", "test/1")
                .containsEntry("mimicore.api", "spans")
                .containsKeys("mimicore.request_id", "mimicore.snapshot.version")
                .doesNotContainKeys("error.type", "url.query");
        assertThat(server.resource())
                .containsEntry("service.name", "mimicore")
                .containsEntry("service.instance.id", "local")
                .containsEntry("mimicore.node", "local")
                .containsEntry("mimicore.cluster", "default")
                .containsKey("service.version");

        Received call = ofKind(trace, SpanKind.SPAN_KIND_CLIENT);
        assertThat(call.parent()).isEqualTo(server.id());
        assertThat(call.attributes())
                .containsEntry("http.request.method", "GET")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("server.port", Integer.toString(upstream.port()))
                .containsEntry("url.full", "http://127.0.0.1:" + upstream.port() + "/users/7")
                .containsEntry("mimicore.call", "user")
                .doesNotContainKey("error.type");
        assertThat(call.span().getStartTimeUnixNano())
                .isBetween(
                        server.span().getStartTimeUnixNano(), server.span().getEndTimeUnixNano());
        assertThat(sent("/users/7").group(1)).isEqualTo(trace);
        assertThat(sent("/users/7").group(2)).isEqualTo(call.id());
        assertThat(sent("/users/7").group(3)).isEqualTo("1");
    }

    @Test
    void request_withAParentThatIsNotSampled_isNotSentAndSaysSoToUpstreams() {
        String trace = "5bf92f3577b34da6a3ce929d0e0e4736";
        program.send(
                RawRequest.get(HOST, "/user/8")
                        .header("traceparent", "00-" + trace + "-" + CALLER + "-00"));
        program.send(RawRequest.get(HOST, "/user/9"));

        // What came later has arrived, so what is not there was not sent.
        eventually(
                PATIENCE,
                () -> assertThat(collector.ofTrace(sent("/users/9").group(1))).hasSize(2));
        assertThat(collector.ofTrace(trace)).isEmpty();
        assertThat(sent("/users/8").group(1)).isEqualTo(trace);
        assertThat(sent("/users/8").group(3)).isEqualTo("0");
    }

    @Test
    void request_withoutAParent_beginsATrace() {
        program.send(RawRequest.get(HOST, "/user/10"));

        eventually(
                PATIENCE,
                () -> assertThat(collector.ofTrace(sent("/users/10").group(1))).hasSize(2));
        String trace = sent("/users/10").group(1);
        assertThat(ofKind(trace, SpanKind.SPAN_KIND_SERVER).parent()).isEmpty();
        assertThat(ofKind(trace, SpanKind.SPAN_KIND_CLIENT).id())
                .isEqualTo(sent("/users/10").group(2));
    }

    @Test
    void proxiedRequest_passesTheIdOfItsCallOn() {
        String trace = "6bf92f3577b34da6a3ce929d0e0e4736";
        program.send(
                RawRequest.get("passed.localhost", "/passed/1")
                        .header("traceparent", "00-" + trace + "-" + CALLER + "-01")
                        .header("tracestate", "congo=t61"));
        eventually(PATIENCE, () -> assertThat(collector.ofTrace(trace)).hasSize(2));

        Received call = ofKind(trace, SpanKind.SPAN_KIND_CLIENT);
        assertThat(call.parent()).isEqualTo(ofKind(trace, SpanKind.SPAN_KIND_SERVER).id());
        assertThat(call.attributes())
                .containsEntry("mimicore.call", "proxy")
                .containsEntry("http.response.status_code", "200");
        assertThat(sent("/passed/1").group(2)).isEqualTo(call.id());
        assertThat(requestTo("/passed/1").headers("tracestate")).containsExactly("congo=t61");
    }

    @Test
    void failures_areMarkedOnTheSpansTheyHappenedTo() {
        String trace = "7bf92f3577b34da6a3ce929d0e0e4736";
        String parent = "00-" + trace + "-" + CALLER + "-01";
        program.send(RawRequest.get(HOST, "/dead").header("traceparent", parent));
        program.send(RawRequest.get(HOST, "/nowhere").header("traceparent", parent));
        program.send(RawRequest.of("BREW", HOST, "/pot").header("traceparent", parent));
        eventually(PATIENCE, () -> assertThat(collector.ofTrace(trace)).hasSize(4));

        List<Received> spans = collector.ofTrace(trace);
        assertThat(spans)
                .extracting(
                        it -> it.span().getName(),
                        it -> it.attributes().get("http.response.status_code"),
                        it -> it.attributes().get("error.type"),
                        it -> it.span().getStatus().getCode())
                .containsExactlyInAnyOrder(
                        tuple("GET /dead", "502", "502", StatusCode.STATUS_CODE_ERROR),
                        tuple("GET", null, "connect", StatusCode.STATUS_CODE_ERROR),
                        tuple("GET", "404", null, StatusCode.STATUS_CODE_UNSET),
                        tuple("HTTP", "404", null, StatusCode.STATUS_CODE_UNSET));
    }

    @Test
    void accessLog_besideSpans_namesTheTraceAndTheTimesOfCalls() throws Exception {
        program.send(RawRequest.get(HOST, "/user/12"));
        program.send(RawRequest.get("passed.localhost", "/passed/2"));
        Path log = root.resolve("shared.log");
        eventually(
                PATIENCE,
                () ->
                        assertThat(Files.readString(log))
                                .contains("\"/user/12\"")
                                .contains("\"/passed/2\""));

        for (String line : Files.readAllLines(log)) {
            JsonNode entry = new ObjectMapper().readTree(line);
            JsonNode call = entry.path("upstream").path(0);
            if (line.contains("\"/user/12\"")) {
                assertThat(entry.path("trace_id").asString()).isEqualTo(sent("/users/12").group(1));
                assertThat(call.path("call").asString()).isEqualTo("user");
            } else if (line.contains("\"/passed/2\"")) {
                assertThat(call.path("call").asString()).isEqualTo("proxy");
            } else {
                continue;
            }
            assertThat(call.path("status").asInt()).isEqualTo(200);
            assertThat(call.path("duration_ms").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(entry.path("duration_ms").asDouble());
        }
    }

    @Test
    void stop_withSpansWaiting_sendsThemFirst() {
        String trace = "8bf92f3577b34da6a3ce929d0e0e4736";
        try (MimicoreProcess stopped = program("stopped", collector.url(), "0").start()) {
            stopped.send(
                    RawRequest.get(HOST, "/user/11")
                            .header("traceparent", "00-" + trace + "-" + CALLER + "-01"));
            assertThat(stopped.terminate()).isZero();
        }

        assertThat(collector.ofTrace(trace)).hasSize(2);
    }

    @Test
    void collector_goneOrStuck_costsSpansAndNothingElse() {
        int port = ByteServer.freePort();
        try (MimicoreProcess alone = program("alone", "http://127.0.0.1:" + port, "1").start()) {
            RawRequest request = RawRequest.get(HOST, "/many");
            alone.send(request);
            eventually(PATIENCE, () -> assertThat(spans(alone, "failed")).isPositive());
            try (SpanCollector late = SpanCollector.start(port)) {
                late.stopAnswering();
                try (Load load = Load.start(alone.traffic(), request, 4, Duration.ZERO)) {
                    eventually(PATIENCE, () -> assertThat(spans(alone, "dropped")).isPositive());
                    load.finish();
                    assertThat(load.failures()).isEmpty();
                    assertThat(load.samples().keySet())
                            .allSatisfy(it -> assertThat(it.status()).isEqualTo(200));
                }
                late.answerAgain();
                eventually(PATIENCE, () -> assertThat(spans(alone, "exported")).isPositive());
            }
        }
    }

    private static MimicoreProcess.Builder program(String name, String endpoint, String sample) {
        Workspace workspace = Workspace.in(root.resolve(name));
        String dead = "http://127.0.0.1:" + ByteServer.freePort();
        workspace.write(
                "spans.json",
                ApiText.of("spans")
                        .route(
                                route(
                                        "/user/{id}",
                                        call("user", upstreamUrl() + "/users/{{request.path.id}}")))
                        .route(route("/dead", call("user", dead + "/")))
                        .route(route("/many", manyCalls(dead)))
                        .text());
        workspace.write(
                "passed.json",
                "{\"api\":\"passed\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\""
                        + upstreamUrl()
                        + "\"}");
        return workspace
                .program()
                .environment("MIMICORE_ACCESS_LOG", root.resolve(name + ".log").toString())
                .environment("MIMICORE_OTLP_ENDPOINT", endpoint)
                .environment("MIMICORE_OTLP_SAMPLE", sample);
    }

    private static String upstreamUrl() {
        return "http://" + upstream.authority();
    }

    private static String route(String path, String calls) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"transform\":{\"http\":["
                + calls
                + "]},\"response\":{\"body\":{\"a\":1}}}";
    }

    private static String call(String name, String url) {
        return "{\"name\":\"" + name + "\",\"url\":\"" + url + "\"}";
    }

    private static String manyCalls(String url) {
        return IntStream.range(0, MANY_CALLS)
                .mapToObj(i ->
                        "{\"name\":\"c" + i + "\",\"url\":\"" + url + "\",\"on_error\":{\"x\":0}}")
                .collect(Collectors.joining(","));
    }

    private static Received ofKind(String trace, SpanKind kind) {
        return collector.ofTrace(trace).stream()
                .filter(it -> it.span().getKind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static RawServer.Request requestTo(String target) {
        return upstream.requests().stream()
                .filter(request -> request.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    /// The `traceparent` that the upstream was sent with a target: trace, span, flags.
    private static Matcher sent(String target) {
        Matcher parent = TRACEPARENT.matcher(requestTo(target).headers("traceparent").getFirst());
        assertThat(parent.matches()).isTrue();
        return parent;
    }

    private static double spans(MimicoreProcess process, String outcome) {
        InetSocketAddress metrics = process.metrics();
        try (RawConnection connection = RawConnection.open(metrics)) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line ->
                            line.startsWith("mimicore_spans_total{outcome=\"" + outcome + "\"}"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                    .sum();
        }
    }
}
