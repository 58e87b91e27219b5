package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.problem;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import io.mimicore.testkit.process.RawServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Calls to upstreams, on the running program and over real sockets: fast ones, slow ones, broken
/// ones.
class UpstreamCallsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SLOW_MILLIS = 100;
    private static final String HOST = "calls.localhost";

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;
    private static RawServer server;

    @BeforeAll
    static void start() {
        server = RawServer.start(UpstreamCallsTest::answer);
        workspace = Workspace.in(root);
        workspace.write("calls.json", config(1));
        // The sample's upstream has its port in the file; here it is wherever it is free.
        workspace.write(
                "dashboard_api.json",
                Workspace.sample("dashboard_api.json")
                        .replace("127.0.0.1:18081", server.authority()));
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
        server.close();
    }

    /// Each target misbehaves in its own way.
    private static void answer(RawServer.Request request, RawServer.Peer peer) throws IOException {
        String target = request.target();
        String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
        switch (path) {
            case "/slow" -> {
                await(SLOW_MILLIS);
                peer.json(200, "{\"id\":1}");
            }
            case "/reset" -> peer.reset();
            case "/close" -> peer.close();
            case "/garbage" -> peer.send("SSH-2.0-OpenSSH_9.2\r\n");
            case "/half-head" -> {
                peer.send("HTTP/1.1 200 OK\r\nContent-");
                peer.reset();
            }
            case "/short" -> {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}");
                peer.close();
            }
            case "/long" -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}");
            case "/both" ->
                    peer.send(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding:"
                                    + " chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
            case "/never" -> peer.awaitClose();
            case "/drip" -> {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                while (true) {
                    peer.send(" ");
                    await(200);
                }
            }
            case "/huge" ->
                    peer.send(
                            "HTTP/1.1 200 OK\r\nContent-Length: "
                                    + (9 << 20)
                                    + "\r\n\r\n"
                                    + "x".repeat(9 << 20));
            case "/500" -> peer.json(500, "{\"error\":\"x\"}");
            case "/not-json" -> peer.json(200, "{oops");
            case "/early" -> {
                peer.json(200, "{\"id\":2}");
                peer.close();
            }
            default -> answerSample(path, request, peer);
        }
    }

    private static void answerSample(String path, RawServer.Request request, RawServer.Peer peer)
            throws IOException {
        if (path.startsWith("/users/")) {
            peer.json(
                    200,
                    "{\"name\":\"Ann "
                            + String.join("", request.headers("Accept-Language"))
                            + "\",\"address\":{\"city\":\"Ulm\"}}");
        } else if (path.equals("/orders")) {
            peer.json(200, "{\"count\":3}");
        } else {
            peer.json(200, "{\"target\":\"" + request.target() + "\"}");
        }
    }

    private static void await(long millis) throws IOException {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(end - System.nanoTime());
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("the test is over");
            }
        }
    }

    private static String config(int mark) {
        ApiText api = ApiText.of("calls");
        for (String how :
                List.of(
                        "reset",
                        "close",
                        "garbage",
                        "half-head",
                        "short",
                        "long",
                        "both",
                        "never",
                        "drip",
                        "huge",
                        "500",
                        "not-json",
                        "early")) {
            String call =
                    "{\"name\":\"svc\",\"url\":\"http://"
                            + server.authority()
                            + "/"
                            + how
                            + "\",\"timeout\":1500";
            api.route(route("/" + how, call + "}", "{\"id\":\"{{svc.id}}\"}"));
            api.route(
                    route(
                            "/safe/" + how,
                            call + ",\"on_error\":{\"id\":\"fallback\"}}",
                            "{\"id\":\"{{svc.id}}\"}"));
        }
        String ten =
                IntStream.range(0, 10)
                        .mapToObj(i -> call("c" + i, "/slow?" + i))
                        .collect(Collectors.joining(","));
        api.route(route("/one", call("a", "/slow?one"), "{\"id\":\"{{a.id}}\"}"));
        api.route(route("/ten", ten, "{\"id\":\"{{c0.id}}{{c9.id}}\"}"));
        api.route(
                route(
                        "/chain",
                        call("c", "/slow?{{b.id}}")
                                + ","
                                + call("b", "/slow?{{a.id}}")
                                + ","
                                + call("a", "/slow?chain"),
                        "{\"id\":\"{{c.id}}\"}"));
        api.route(
                route(
                        "/echo/{v}",
                        call(
                                "a",
                                "/echo/{{request.query.v}}/end?q={{request.query.v}}&mark=" + mark),
                        "{\"target\":\"{{a.target}}\",\"mark\":" + mark + "}"));
        api.route(
                "{\"method\":\"GET\",\"path\":\"/header\",\"transform\":{\"http\":[{\"name\":\"a\",\"url\":\"http://"
                        + server.authority()
                        + "/header\",\"headers\":{\"X-A\":\"{{request.query.v}}\"}}]},\"response\":{\"body\":{}}}");
        return api.text();
    }

    private static String call(String name, String target) {
        return "{\"name\":\"" + name + "\",\"url\":\"http://" + server.authority() + target + "\"}";
    }

    private static String route(String path, String calls, String body) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"transform\":{\"http\":["
                + calls
                + "]},\"response\":{\"body\":"
                + body
                + "}}";
    }

    @Test
    void sample_dashboard_isServedByItsUpstreams() {
        RawResponse response =
                program.send(RawRequest.get("dashboard_api.localhost", "/dashboard/ann?lang=de"));
        assertThat(body(response).toString())
                .isEqualTo("{\"name\":\"Ann de\",\"city\":\"Ulm\",\"orders\":\"3\"}");
        assertThat(server.requests())
                .extracting(RawServer.Request::target)
                .contains("/users/ann", "/orders?user=ann");
    }

    @ParameterizedTest
    @CsvSource({
        "reset,     502, upstream-failed,  broken",
        "close,     502, upstream-failed,  broken",
        "garbage,   502, upstream-failed,  broken",
        "half-head, 502, upstream-failed,  broken",
        "short,     502, upstream-failed,  broken",
        "both,      502, upstream-failed,  broken",
        "never,     504, upstream-timeout, timeout",
        "drip,      504, upstream-timeout, timeout",
        "huge,      502, upstream-failed,  too_large",
        "500,       502, upstream-failed,  status",
        "not-json,  502, upstream-failed,  body",
    })
    void upstream_misbehaving_hasItsStatusAndItsMetric(
            String how, int status, String type, String outcome) {
        long before = counted(outcome);
        long start = System.nanoTime();
        String detail = problem(get("/" + how), status, type).path("detail").asString();
        assertThat(detail).startsWith("svc: ");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        assertThat(counted(outcome)).isGreaterThan(before);

        long fallbacks = counted("fallback");
        assertThat(body(get("/safe/" + how)).path("id").asString()).isEqualTo("fallback");
        assertThat(counted("fallback")).isEqualTo(fallbacks + 1);
    }

    @ParameterizedTest
    @CsvSource({"early,2", "long,''"})
    void upstream_whoseConnectionCannotBeUsedAgain_isAnsweredAllTheSame(String how, String id) {
        for (int i = 0; i < 5; i++) {
            assertThat(body(get("/" + how)).path("id").asString()).isEqualTo(id);
        }
    }

    @Test
    void calls_tenAtATime_takeAsLongAsOne() {
        requireWithin("/ten", 1, 1.3);
    }

    @Test
    void calls_inAChain_takeAsLongAsTheirSum() {
        long start = System.nanoTime();
        assertThat(body(get("/chain")).path("id").asString()).isEqualTo("1");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(3 * SLOW_MILLIS));
        requireWithin("/chain", 3, 3.3);
    }

    /// One of ten tries has to lie below so many times the time of one call, taken right before.
    private static void requireWithin(String path, int least, double below) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            long one = nanos("/one");
            long all = nanos(path);
            seen.add(String.format(Locale.ROOT, "%.2f", (double) all / one));
            assertThat(all).isGreaterThanOrEqualTo(1_000_000L * least * SLOW_MILLIS);
            if (all < below * one) {
                return;
            }
        }
        throw new AssertionError(
                path + ": " + seen + " times one call (expected: < " + below + ")");
    }

    private static long nanos(String path) {
        long start = System.nanoTime();
        body(get(path));
        return System.nanoTime() - start;
    }

    @ParameterizedTest
    @CsvSource({
        "a%2Fb,       a%2Fb",
        "a%3Fx%3D1,   a%3Fx%3D1",
        "a%23f,       a%23f",
        "a%26b%3Dc,   a%26b%3Dc",
        "%2541,       %2541",
        "a%0D%0AX:b,  a%0D%0AX%3Ab",
        "http:%2F%2Fevil.example%2F, http%3A%2F%2Fevil.example%2F",
        "b%C3%BCcher.example, b%C3%BCcher.example",
    })
    void value_ofARequest_staysInItsPlaceOfTheUrl(String sent, String expected) {
        assertThat(body(get("/echo/x?v=" + sent)).path("target").asString())
                .startsWith("/echo/" + expected + "/end?q=" + expected + "&mark=");
    }

    @ParameterizedTest
    @CsvSource({"..", "%2e%2e", "..%2F..%2Fadmin", "a%2F..%2Fb", "."})
    void value_ofARequest_cannotClimb(String sent) {
        int before = server.requests().size();
        String detail =
                problem(get("/echo/x?v=" + sent), 400, "upstream-value").path("detail").asString();
        assertThat(detail).startsWith("a: url: ");
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void value_ofARequest_cannotAddAHeader() {
        problem(get("/header?v=a%0D%0AX-Evil:%201"), 400, "upstream-value");
        assertThat(server.requests()).noneMatch(request -> !request.headers("X-Evil").isEmpty());
    }

    @Test
    void connections_overAnEdit_areKept() {
        body(get("/echo/x?v=1"));
        int before = server.connections();
        workspace.write("calls.json", config(2));
        eventually(
                PATIENCE,
                () -> assertThat(body(get("/echo/x?v=2")).path("mark").asInt()).isEqualTo(2));
        for (int i = 0; i < 20; i++) {
            body(get("/echo/x?v=" + i));
        }
        // Each loop has connections of its own, and a request may come to any loop.
        assertThat(server.connections() - before)
                .isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void client_leaving_cancelsItsCall() {
        int closed = server.closedConnections();
        long before = counted("cancelled");
        try (RawConnection connection = RawConnection.open(program.traffic())) {
            int requests = server.requests().size();
            connection.write(RawRequest.get(HOST, "/never"));
            eventually(
                    PATIENCE, () -> assertThat(server.requests().size()).isGreaterThan(requests));
        }
        eventually(PATIENCE, () -> assertThat(counted("cancelled")).isGreaterThan(before));
        eventually(PATIENCE, () -> assertThat(server.closedConnections()).isGreaterThan(closed));
    }

    @Test
    void metrics_ofCalls_areThere() {
        body(get("/one"));
        assertThat(metrics())
                .contains(
                        "mimicore_upstream_requests_total{api=\"calls\",call=\"a\",outcome=\"ok\"}")
                .contains("mimicore_upstream_duration_seconds_bucket{api=\"calls\",call=\"a\"")
                .contains("mimicore_upstream_connections ")
                .contains("mimicore_upstream_waiting 0");
    }

    @Test
    void calls_waitingForEachOther_areAnError() {
        workspace.write(
                "ring.json",
                ApiText.of("ring")
                        .route(
                                route(
                                        "/x",
                                        call("a", "/{{b.id}}") + "," + call("b", "/{{a.id}}"),
                                        "{}"))
                        .text());
        assertThat(program.err().awaitText("error CALL_CYCLE: calls: a → b → a", PATIENCE))
                .isPresent();
        workspace.delete("ring.json");
    }

    private static long counted(String outcome) {
        String label = "outcome=\"" + outcome + "\"";
        try (Stream<String> lines = metrics().lines()) {
            return lines.filter(line -> line.startsWith("mimicore_upstream_requests_total"))
                    .filter(line -> line.contains("api=\"calls\"") && line.contains(label))
                    .mapToLong(line ->
                            (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    private static String metrics() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }

    private static RawResponse get(String target) {
        return program.send(RawRequest.get(HOST, target));
    }
}
