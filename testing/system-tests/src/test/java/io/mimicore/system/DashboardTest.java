package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The dashboard for Grafana, asked of a real Prometheus that scrapes a running program under a
/// load with everything in it: user code, calls, proxying, refusals and failures.
class DashboardTest {
    private static final Path DASHBOARD =
            Path.of(
                    System.getProperty("mimicore.root", ""),
                    "deploy",
                    "grafana",
                    "dashboards",
                    "mimicore.json");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// Heap, in megabytes: small, so that it is collected within the test.
    private static final int HEAP = 192;

    private static final Pattern METRIC = Pattern.compile("\\b(mimicore|jvm|process|system)_\\w+");

    @TempDir private static Path root;
    private static RawServer upstream;
    private static MimicoreProcess program;
    private static PrometheusServer prometheus;
    private static Thread load;

    @BeforeAll
    static void start() {
        upstream = RawServer.answering(_ -> "{\"id\":1}");
        Workspace workspace = Workspace.in(root);
        writeConfigs(workspace);
        program =
                workspace
                        .program()
                        .heapMegabytes(HEAP)
                        .environment("MIMICORE_ACCESS_LOG", root.resolve("access").toString())
                        .environment(
                                "MIMICORE_OTLP_ENDPOINT",
                                "http://127.0.0.1:" + ByteServer.freePort())
                        .start();
        load = Thread.ofVirtual().start(DashboardTest::load);
        prometheus = PrometheusServer.start(root.resolve("prometheus"), program.metrics());
        // A build and a version between two scrapes, for what is asked about their increase.
        workspace.write("mixed.json", mixed(4));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        load.interrupt();
        load.join();
        prometheus.close();
        program.close();
        upstream.close();
    }

    @Test
    void queries_ofEveryPanel_giveData() {
        Map<String, String> queries = queries();
        assertThat(queries).hasSizeGreaterThan(40);

        eventually(
                PATIENCE,
                () -> {
                    List<String> empty = new ArrayList<>();
                    queries.forEach((panel, query) -> {
                        if (!givesData(query)) {
                            empty.add(panel + ": " + query);
                        }
                    });
                    assertThat(empty).isEmpty();
                });
    }

    @Test
    void metrics_namedInTheDashboard_exist() {
        Set<String> named = new TreeSet<>();
        METRIC.matcher(dashboard().toString()).results().forEach(match -> named.add(match.group()));
        eventually(
                PATIENCE,
                () ->
                        assertThat(texts(prometheus.get("label/__name__/values")))
                                .containsAll(named));
    }

    @Test
    void rules_loadedByPrometheus_areEvaluated() {
        eventually(
                PATIENCE,
                () -> {
                    JsonNode rules = prometheus.get("rules").path("groups").path(0).path("rules");
                    assertThat(rules.size()).isGreaterThan(15);
                    assertThat(rules)
                            .allSatisfy(rule ->
                                    assertThat(rule.path("health").asString())
                                            .as(rule.toString())
                                            .isEqualTo("ok"));
                });
    }

    /// All queries by panel, as Grafana would send them with everything selected.
    private static Map<String, String> queries() {
        Map<String, String> queries = new TreeMap<>();
        for (JsonNode panel : dashboard().path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String name =
                        panel.path("title").asString() + " " + target.path("refId").asString();
                String before = queries.put(name, filled(target.path("expr").asString()));
                if (before != null) {
                    queries.put(name + " of panel " + panel.path("id").asInt(), before);
                }
            }
        }
        for (JsonNode annotation : dashboard().path("annotations").path("list")) {
            // Only while it happens does it give data; without the comparison it always does.
            queries.put(
                    annotation.path("name").asString(),
                    filled(annotation.path("expr").asString()).replace(" > 0", ""));
        }
        return queries;
    }

    private static String filled(String query) {
        String filled =
                query.replace("$__rate_interval", "10s")
                        .replace("$instance", ".*")
                        .replace("$api", ".*");
        assertThat(filled).doesNotContain("$");
        return filled;
    }

    private static JsonNode dashboard() {
        return new ObjectMapper().readTree(DASHBOARD.toFile());
    }

    private static boolean givesData(String query) {
        for (JsonNode series : prometheus.query(query)) {
            if (!series.path("value").path(1).asString().equals("NaN")) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).collect(Collectors.toSet());
    }

    private static void writeConfigs(Workspace workspace) {
        workspace.write("mixed.json", mixed(2));
        workspace.write(
                "limited.json",
                "{\"api\":\"limited\",\"version\":\"v2\",\"rate_limit\":"
                        + "{\"requests_per_second\":1},\"routes\":[{\"method\":\"GET\","
                        + "\"path\":\"/\",\"response\":{\"body\":{}}}]}");
        workspace.write(
                "passed.json",
                "{\"api\":\"passed\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\""
                        + upstreamUrl()
                        + "\"}");
    }

    /// @param factor what the user code multiplies by
    private static String mixed(int factor) {
        String dead = "http://127.0.0.1:" + ByteServer.freePort();
        return ApiText.of("mixed")
                .code(
                        "//export times\nfunc times(x int32) int32 { return x * "
                                + factor
                                + " }\n//export spin\n"
                                + "func spin(x int32) int32 { for { x++ } }\n")
                .limits("{\"timeout_ms\":20}")
                .get("/plain", "{\"a\":1}")
                .get("/code/{x}", "{\"a\":\"{{times(3)}}\"}")
                .get("/spin", "{\"a\":\"{{spin(3)}}\"}")
                .route(calling("/call", upstreamUrl()))
                .route(calling("/dead", dead))
                .text();
    }

    private static String upstreamUrl() {
        return "http://" + upstream.authority();
    }

    private static String calling(String path, String url) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"transform\":{\"http\":[{\"name\":\"svc\",\"url\":\""
                + url
                + "\"}]},\"response\":{\"body\":\"{{svc | json}}\"}}";
    }

    /// One of each, again and again.
    private static void load() {
        List<RawRequest> mix =
                List.of(
                        RawRequest.get("mixed.localhost", "/plain"),
                        RawRequest.get("mixed.localhost", "/code/1"),
                        RawRequest.get("mixed.localhost", "/spin"),
                        RawRequest.get("mixed.localhost", "/call"),
                        RawRequest.get("mixed.localhost", "/dead"),
                        RawRequest.get("mixed.localhost", "/nowhere"),
                        RawRequest.get("limited.localhost", "/"),
                        RawRequest.get("passed.localhost", "/thing"),
                        RawRequest.get("mixed.localhost", "/plain").header("Host", "twice"));
        while (!Thread.currentThread().isInterrupted()) {
            try (RawConnection connection = RawConnection.open(program.traffic())) {
                for (RawRequest request : mix) {
                    connection.send(request);
                }
            } catch (UncheckedIOException _) {
                // The last of the mix ends its connection.
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
