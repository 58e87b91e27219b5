package io.mimicore.dataplane.node;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.RouteFixture;
import io.mimicore.dataplane.snapshot.FakeControlPlane;
import io.mimicore.dataplane.snapshot.SnapshotContent;
import io.mimicore.dataplane.snapshot.Versions;
import io.mimicore.ir.HostPattern;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.Report;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataPlaneNodeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Versions versions = new Versions();
    private final FakeControlPlane controlPlane = new FakeControlPlane();
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir Path state;

    @BeforeEach
    void startControlPlane() throws IOException {
        controlPlane.start();
    }

    @AfterEach
    void stop() {
        controlPlane.close();
        http.close();
    }

    @Test
    void offer_activated_isServedAndReady() throws Exception {
        try (DataPlaneNode node = start()) {
            assertThat(operations(node, "/livez").statusCode()).isEqualTo(200);
            assertThat(operations(node, "/readyz").statusCode()).isEqualTo(503);
            assertThat(operations(node, "/readyz").body())
                    .startsWith("no snapshot is active: the disk holds none");
            assertThat(get(node, "/hello").statusCode()).isEqualTo(503);
            assertThat(node.version()).isZero();

            FakeControlPlane.Stream stream = controlPlane.stream();
            Hello hello = stream.hello();
            assertThat(hello.getNode()).isEqualTo("n1");
            assertThat(hello.getBootId()).isNotEmpty();
            assertThat(hello.getLabelsList()).hasSize(1);
            stream.bringTo(null, saying(1, "hello"));

            assertThat(get(node, "/hello").body()).isEqualTo("hello");
            assertThat(operations(node, "/readyz").statusCode()).isEqualTo(200);
            assertThat(node.version()).isEqualTo(1);
        }
    }

    @Test
    void restart_noControlPlane_isReadyWithTheSameAnswers() throws Exception {
        SnapshotContent first = saying(1, "first");
        try (DataPlaneNode node = start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, first);
            stream.bringTo(first, saying(2, "second"));
            assertThat(get(node, "/hello").body()).isEqualTo("second");
        }
        controlPlane.stop();

        try (DataPlaneNode node = start()) {
            // Not eventually: a node that has started serves what its disk holds.
            assertThat(node.whyNotReady()).isEmpty();
            assertThat(operations(node, "/readyz").statusCode()).isEqualTo(200);
            HttpResponse<String> answer = get(node, "/hello");
            assertThat(answer.body()).isEqualTo("second");
            assertThat(answer.headers().firstValue("X-Mimicore-Version")).contains("2");
        }
    }

    @Test
    void restart_diskHoldsNoApi_isReadyOnceConfirmed() throws Exception {
        SnapshotContent empty = versions.of(1);
        try (DataPlaneNode node = start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, empty);
            assertThat(node.whyNotReady()).isEmpty();
        }
        try (DataPlaneNode node = start()) {
            assertThat(node.version()).isEqualTo(1);
            assertThat(operations(node, "/readyz").body()).contains("holds no API");

            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.inSync(1);
            eventually(PATIENCE, () -> assertThat(node.whyNotReady()).isEmpty());
        }
    }

    @Test
    void drain_isNotReadyAndSendsClientsAwayButServes() throws Exception {
        try (DataPlaneNode node = start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, saying(1, "hello"));
            stream.drain();
            stream.confirms(true);

            assertThat(operations(node, "/readyz").statusCode()).isEqualTo(503);
            assertThat(operations(node, "/readyz").body()).contains("has this node drained");
            assertThat(operations(node, "/livez").statusCode()).isEqualTo(200);
            // After the grace, in which load balancers look.
            eventually(
                    PATIENCE,
                    () -> {
                        HttpResponse<String> answer = get(node, "/hello");
                        assertThat(answer.statusCode()).isEqualTo(200);
                        assertThat(answer.headers().firstValue("Connection")).contains("close");
                    });

            stream.resume();
            stream.confirms(false);

            assertThat(operations(node, "/readyz").statusCode()).isEqualTo(200);
            HttpResponse<String> answer = get(node, "/hello");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Connection")).isEmpty();
        }
    }

    @Test
    void metrics_nameVersionRequestsAndApplyTime() throws Exception {
        try (DataPlaneNode node = start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            stream.bringTo(null, saying(7, "hello"));
            get(node, "/hello");

            String metrics = operations(node, "/metrics").body();
            assertThat(metrics)
                    .contains(
                            "mimicore_snapshot_version 7.0",
                            "mimicore_snapshot_apply_seconds_count 1",
                            "mimicore_snapshot_apply_seconds_bucket",
                            "mimicore_http_requests_total{api=\"greetings\",method=\"GET\","
                                    + "route=\"/hello\",status=\"200\"} 1.0");
        }
    }

    @Test
    void report_countsAnswersAndServerErrors() throws Exception {
        SnapshotContent first = saying(1, "hello");
        try (DataPlaneNode node = start()) {
            FakeControlPlane.Stream stream = controlPlane.stream();
            stream.hello();
            get(node, "/hello"); // 503: nothing serves yet
            stream.bringTo(null, first);
            get(node, "/hello");
            get(node, "/broken");
            get(node, "/nowhere");
            stream.offer(Versions.pieces(first, saying(2, "bye"), 1_000));
            stream.activateOncePrepared(2);

            Report report = stream.report(1);
            assertThat(report.getRequests()).isEqualTo(3);
            assertThat(report.getServerErrors()).isEqualTo(1);
            assertThat(report.getWasmFailures()).isZero();
        }
    }

    @Test
    void start_portTaken_leavesNothingBehind() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = new InetSocketAddress(taken.getInetAddress(), taken.getLocalPort());

            assertThatThrownBy(() -> builder().trafficAddress(address).start())
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on");
            assertThatThrownBy(() -> builder().metricsAddress(address).start())
                    .isInstanceOf(IOException.class);
        }
        // The registry would refuse metrics that are still in it.
        try (DataPlaneNode node = start()) {
            assertThat(node.whyNotReady()).isNotEmpty();
        }
    }

    @Test
    void close_takesNoMoreRequestsAndIsNotReady() throws Exception {
        DataPlaneNode node = start();
        FakeControlPlane.Stream stream = controlPlane.stream();
        stream.hello();
        stream.bringTo(null, saying(1, "hello"));
        URI traffic = uri(node.trafficAddress(), "/hello");
        node.close();

        assertThatThrownBy(() -> send(traffic)).isInstanceOf(ConnectException.class);
        assertThat(node.whyNotReady()).isEqualTo("the node stops");
        assertThat(registry.scrape()).doesNotContain("mimicore_snapshot_version");
    }

    private DataPlaneNode start() throws IOException, InterruptedException {
        return builder().start();
    }

    private DataPlaneNode.Builder builder() {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return DataPlaneNode.builder()
                .nodeId("n1")
                .build("test")
                .label("zone", "b")
                .trafficAddress(anyPort)
                .metricsAddress(anyPort)
                .state(state)
                .trusted(versions.key().trusted())
                .controlPlane("", controlPlane::channel)
                .registry(registry);
    }

    private SnapshotContent saying(long version, String text) {
        var api =
                ApiFixture.named("greetings")
                        .host(new HostPattern.Exact("localhost"))
                        .route(RouteFixture.of("GET", "/hello").text(RouteFixture.literal(text)))
                        .route(RouteFixture.of("GET", "/broken").status(500))
                        .build();
        return versions.of(version, Versions.api(api));
    }

    private HttpResponse<String> get(DataPlaneNode node, String path)
            throws IOException, InterruptedException {
        return send(uri(node.trafficAddress(), path));
    }

    private HttpResponse<String> operations(DataPlaneNode node, String path)
            throws IOException, InterruptedException {
        return send(uri(node.metricsAddress(), path));
    }

    private HttpResponse<String> send(URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(InetSocketAddress address, String path) {
        return URI.create("http://localhost:" + address.getPort() + path);
    }
}
