package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.json;
import static io.mimicore.system.Answers.problem;
import static io.mimicore.system.Answers.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Every sample that the product carries, and the original's, unchanged.
class ServeSamplesTest {
    private static final String ORDER =
            "{\"customer\":\"Ada\",\"lines\":[{\"sku\":\"t\",\"count\":2,\"price\":4.5}]}";

    @TempDir private static Path root;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.copyFrom(Workspace.sampleConfigs());
        workspace.write("socket_proxy.json", Workspace.sample("socket_proxy.json"));
        workspace.write(
                "limited_api.json",
                Workspace.sample("my_api.json").replace("\"my_api\"", "\"limited_api\""));
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    void configs_originalSamples_areUnchanged() throws IOException {
        for (String name : List.of("my_api.json", "orders_api.json", "legacy_v1.json")) {
            assertThat(Files.readString(Workspace.sampleConfigs().resolve(name)))
                    .isEqualTo(Workspace.sample(name));
        }
    }

    @Test
    void configs_everyFile_isServed() throws IOException {
        try (Stream<Path> files = Files.list(Workspace.sampleConfigs())) {
            List<String> names =
                    files.map(file -> file.getFileName().toString().replace(".json", "")).toList();
            // The tests of this class and of SampleBehaviourTest ask each of them for something.
            assertThat(names)
                    .containsExactlyInAnyOrder(
                            "files_api",
                            "hello_api",
                            "legacy_v1",
                            "my_api",
                            "orders_api",
                            "quotes_api",
                            "shapes_api");
            for (String name : names) {
                String host = name.equals("files_api") ? "files.localhost" : name + ".localhost";
                problem(program.send(RawRequest.get(host, "/no/such/path")), 404, "unknown-path");
            }
        }
    }

    @Test
    void start_ready_namesEveryListener() {
        assertThat(program.out().line("mimicore ready").orElseThrow())
                .matches(
                        "mimicore ready traffic=http://127\\.0\\.0\\.1:[1-9]\\d* "
                                + "metrics=http://127\\.0\\.0\\.1:[1-9]\\d* "
                                + "stream=127\\.0\\.0\\.1:[1-9]\\d* admin=127\\.0\\.0\\.1:[1-9]\\d*"
                                + "( .*)?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "my_api.localhost",
                "my_api.localhost:8080",
                "MY_API.LocalHost",
                "my_api.local",
                "my_api.example.com",
                "my_api"
            })
    void myApi_calc5_answersExactly(String host) {
        RawResponse response = program.send(RawRequest.get(host, "/calc/5"));

        assertThat(response.body()).isEqualTo("{\"result\":\"10\"}");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        assertThat(response.header("Content-Length")).isEqualTo("15");
        assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(response.version()).isPositive();
        assertThat(response.header("X-Request-Id")).isNotBlank();
    }

    @Test
    void myApi_noInteger_isRefusedWithItsPlace() {
        JsonNode problem =
                problem(
                        program.send(RawRequest.get("my_api.localhost", "/calc/five")),
                        400,
                        "invalid-request");

        assertThat(violations(problem)).containsExactly("path val type");
    }

    @Test
    void myApi_burstOfRequests_isLimitedWithRetryAfter() {
        List<RawResponse> responses = new ArrayList<>();
        long start = System.nanoTime();
        try (RawConnection connection = RawConnection.open(program.traffic())) {
            for (int i = 0; i < 200; i++) {
                responses.add(connection.send(RawRequest.get("limited_api.local", "/calc/" + i)));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;

        List<RawResponse> served = responses.stream().filter(r -> r.status() == 200).toList();
        assertThat(served.size()).isBetween(20, 20 + (int) Math.ceil(10 * seconds) + 1);
        assertThat(responses).element(19).isSameAs(served.get(19));
        List<RawResponse> limited = responses.stream().filter(r -> r.status() != 200).toList();
        assertThat(limited).isNotEmpty();
        for (RawResponse response : limited) {
            problem(response, 429, "rate-limited");
            assertThat(response.header("Retry-After")).isEqualTo("1");
        }
    }

    @Test
    void ordersApi_order_isPricedAfterItsDelay() {
        RawRequest request =
                RawRequest.post("orders_api.localhost", "/orders?currency=EUR", ORDER)
                        .header("Authorization", "Bearer \"quoted\"");
        long start = System.nanoTime();
        RawResponse response = program.send(request);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);

        JsonNode body = body(response);
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.header("X-Token")).isEqualTo("Bearer \"quoted\"");
        assertThat(body.path("nested"))
                .isEqualTo(json("{\"list\":[\"static\",\"Bearer \\\"quoted\\\"\"]}"));
        assertThat(body.path("quote").asString())
                .isEqualTo("{\"greeting\":\"Hello ADA\",\"total\":9,\"items\":2}");
        assertThat(elapsed).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    }

    @Test
    void ordersApi_everythingWrong_isListedInOneAnswer() {
        String wrong =
                "{\"customer\":\"\",\"lines\":[{\"sku\":1,\"count\":0,\"price\":0},{\"sku\":\"b\"}]}";
        JsonNode problem =
                problem(
                        program.send(
                                RawRequest.post(
                                        "orders_api.localhost", "/orders?currency=eur", wrong)),
                        400,
                        "invalid-request");

        assertThat(violations(problem))
                .containsExactlyInAnyOrder(
                        "header Authorization required",
                        "query currency pattern",
                        "body /customer minLength",
                        "body /lines/0/sku type",
                        "body /lines/0/count minimum",
                        "body /lines/0/price exclusiveMinimum",
                        "body /lines/1 required",
                        "body /lines/1 required");
        assertThat(problem.path("detail").asString()).contains("8 violations");
    }

    @Test
    void ordersApi_bodyThatIsNoJson_isRefusedWithLineAndColumn() {
        RawRequest request =
                RawRequest.post("orders_api.localhost", "/orders", "{\"customer\":\n  nope}")
                        .header("Authorization", "Bearer x");
        JsonNode problem = problem(program.send(request), 400, "invalid-request");

        assertThat(violations(problem)).containsExactly("body  syntax");
        assertThat(problem.path("violations").path(0).path("line").asInt()).isEqualTo(2);
        assertThat(problem.path("violations").path(0).path("column").asInt()).isPositive();
    }

    @Test
    void legacyV1_routes_answerTheirJson() {
        assertThat(body(program.send(RawRequest.get("legacy_v1.localhost", "/users/7"))))
                .isEqualTo(json("{\"userId\":\"static-for-now\"}"));
        RawRequest device =
                RawRequest.post(
                        "legacy_v1.localhost", "/devices", "{\"serial\":1,\"tags\":{\"a\":1}}");
        assertThat(body(program.send(device)))
                .isEqualTo(json("{\"status\":\"ok\",\"device\":{\"id\":\"d-1\"}}"));
    }

    @Test
    void legacyV1_wrongBody_isRefused() {
        RawRequest device =
                RawRequest.post("legacy_v1.localhost", "/devices", "{\"serial\":\"one\"}");
        JsonNode problem = problem(program.send(device), 400, "invalid-request");

        assertThat(violations(problem))
                .containsExactlyInAnyOrder("body /serial type", "body  required");
    }

    @Test
    void socketProxy_nobodyBehindTheSocket_isABadGateway() {
        RawResponse response = program.send(RawRequest.get("socket_proxy.localhost", "/a"));

        problem(response, 502, "upstream-failed");
        assertThat(response.body()).contains("/run/mimicore/backend.sock");
    }

    @Test
    void request_unknownHost_isAProblem() {
        problem(program.send(RawRequest.get("nobody.example", "/")), 404, "unknown-host");
    }

    @Test
    void operations_running_areAliveReadyAndMeasured() {
        program.send(RawRequest.get("hello_api.localhost", "/hello/metrics"));
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            assertThat(connection.send(RawRequest.get("localhost", "/livez")).status())
                    .isEqualTo(200);
            assertThat(connection.send(RawRequest.get("localhost", "/readyz")).status())
                    .isEqualTo(200);
            String metrics = connection.send(RawRequest.get("localhost", "/metrics")).body();
            assertThat(metrics)
                    .containsPattern(
                            "mimicore_http_requests_total\\{api=\"hello_api\",method=\"GET\","
                                    + "route=\"/hello/\\{name}\",status=\"200\"} [1-9]")
                    .containsPattern("mimicore_snapshot_version [1-9]")
                    .contains("mimicore_http_request_duration_seconds_bucket{api=\"hello_api\"");
        }
    }
}
