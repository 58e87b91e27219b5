package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static io.mimicore.testkit.Eventually.eventuallyGet;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The program ends, well or badly, and starts again from its state directory.
class RestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;
    private Workspace workspace;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
    }

    @Test
    void restart_afterStop_servesWithoutBuildingAnything() throws IOException {
        GoShim go = GoShim.in(root.resolve("bin"));
        workspace.write("my_api.json", Workspace.sample("my_api.json"));
        workspace.write("orders_api.json", Workspace.sample("orders_api.json"));
        long version;
        try (MimicoreProcess first = start(go)) {
            assertThat(go.calls()).contains("build");
            RawResponse response = calc(first);
            assertThat(response.body()).isEqualTo("{\"result\":\"10\"}");
            version = response.version();
            assertThat(first.terminate()).isZero();
        }

        go.forget();
        try (MimicoreProcess second = start(go)) {
            RawResponse response = calc(second);
            assertThat(response.body()).isEqualTo("{\"result\":\"10\"}");
            assertThat(response.version()).isEqualTo(version);
            assertThat(go.calls()).doesNotContain("build");
            assertThat(metrics(second))
                    .doesNotContainPattern("mimicore_build_total\\{[^}]*} [1-9]");
        }
    }

    @Test
    void restart_filesEditedMeanwhile_servesTheNewOnes() {
        workspace.write("edited.json", Marked.plain("edited", 1));
        workspace.write("deleted.json", Marked.plain("deleted", 1));
        try (MimicoreProcess first = workspace.program().start()) {
            assertThat(first.send(Marked.request("edited")).body()).isEqualTo(Marked.body(1));
            first.terminate();
        }
        workspace.write("edited.json", Marked.plain("edited", 2));
        workspace.write("added.json", Marked.plain("added", 1));
        workspace.delete("deleted.json");
        try (MimicoreProcess second = workspace.program().start()) {
            assertThat(second.send(Marked.request("edited")).body()).isEqualTo(Marked.body(2));
            assertThat(second.send(Marked.request("added")).body()).isEqualTo(Marked.body(1));
            assertThat(second.send(Marked.request("deleted")).status()).isEqualTo(404);
        }
    }

    @Test
    void restart_wrongFileMeanwhile_servesWhatWasLive() {
        workspace.write("coded.json", Marked.withCode("coded", 1));
        try (MimicoreProcess first = workspace.program().start()) {
            assertThat(first.send(Marked.request("coded")).body()).isEqualTo(Marked.body(1));
            first.kill();
        }
        workspace.write("coded.json", Marked.withCode("coded", 2).replace("return", "retrun"));
        try (MimicoreProcess second = workspace.program().start()) {
            assertThat(second.send(Marked.request("coded")).body()).isEqualTo(Marked.body(1));
            assertThat(second.err().text()).contains("error GO_SOURCE");
        }
    }

    /// The node's slots hold a version above what an empty store would begin with.
    @Test
    void restart_metadataLost_nodeFollowsTheNewStore() throws IOException {
        workspace.write("api.json", Marked.plain("api", 1));
        long version;
        try (MimicoreProcess first = workspace.program().start()) {
            for (int mark = 2; mark < 5; mark++) {
                String body = Marked.body(mark);
                workspace.replace("api.json", Marked.plain("api", mark));
                eventually(
                        PATIENCE,
                        () -> assertThat(first.send(Marked.request("api")).body()).isEqualTo(body));
            }
            version = first.send(Marked.request("api")).version();
            first.kill();
        }
        Files.delete(workspace.state().resolve("metadata.mv"));
        workspace.write("api.json", Marked.plain("api", 9));
        try (MimicoreProcess second = workspace.program().start()) {
            RawResponse response = second.send(Marked.request("api"));
            assertThat(response.body()).isEqualTo(Marked.body(9));
            assertThat(response.version()).isGreaterThan(version);
        }
    }

    @Test
    void restart_controlPlaneBusy_servesFromTheNodesDisk() throws IOException {
        GoShim go = GoShim.in(root.resolve("bin"));
        workspace.write("my_api.json", Workspace.sample("my_api.json"));
        try (MimicoreProcess first = start(go)) {
            calc(first);
            first.kill();
        }
        go.shutGate();
        workspace.write("slow.json", Marked.withCode("slow", 1));
        int port = freePort();
        var traffic = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (MimicoreProcess second =
                workspace
                        .program()
                        .environment("PATH", go.path())
                        .environment("GOROOT", "")
                        .port(port)
                        .launch()) {
            String body =
                    eventuallyGet(
                            PATIENCE,
                            () -> {
                                try (RawConnection connection = RawConnection.open(traffic)) {
                                    RawResponse response =
                                            connection.send(
                                                    RawRequest.get("my_api.localhost", "/calc/5"));
                                    assertThat(response.status()).isEqualTo(200);
                                    return response.body();
                                }
                            });
            assertThat(body).isEqualTo("{\"result\":\"10\"}");
            go.openGate();
            second.awaitReady();
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(second.send(Marked.request("slow")).body())
                                    .isEqualTo(Marked.body(1)));
        }
    }

    /// Versions are numbered without gaps or repeats; a lost one would be given away twice, with
    /// another content.
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void kill_whilePublishing_losesNoVersionThatWasServed(long seed) {
        var random = new Random(seed);
        Map<Long, String> bodies = new HashMap<>();
        long newest = 0;
        int mark = 1;
        workspace.write("api.json", Marked.plain("api", mark));
        for (int round = 0; round < 4; round++) {
            try (MimicoreProcess program = workspace.program().start()) {
                RawResponse first = program.send(Marked.request("api"));
                assertThat(first.version()).isGreaterThanOrEqualTo(newest);
                assertThat(first.body()).isEqualTo(Marked.body(mark));
                try (Load load = Load.start(program.traffic(), Marked.request("api"), 2)) {
                    int until = mark + 2 + random.nextInt(4);
                    while (mark < until) {
                        mark++;
                        workspace.replace("api.json", Marked.plain("api", mark));
                        int wanted = mark;
                        // The last edit is killed somewhere on its way.
                        long share = mark == until ? random.nextInt(100) : PATIENCE.toMillis();
                        awaitSeen(load, wanted, Duration.ofMillis(share), mark == until);
                    }
                    program.kill();
                    for (Load.Sample sample : load.samples().keySet()) {
                        newest = Math.max(newest, sample.version());
                        assertThat(bodies.putIfAbsent(sample.version(), sample.body()))
                                .as("version " + sample.version())
                                .isIn(null, sample.body());
                    }
                }
            }
        }
        assertThat(bodies.size()).isGreaterThan(8);
    }

    private static void awaitSeen(Load load, int mark, Duration patience, boolean mayMiss) {
        try {
            eventually(patience, () -> assertThat(Marked.hasSeen(load, mark)).isTrue());
        } catch (AssertionError e) {
            if (!mayMiss) {
                throw e;
            }
        }
    }

    private MimicoreProcess start(GoShim go) {
        return workspace.program().environment("PATH", go.path()).environment("GOROOT", "").start();
    }

    private static RawResponse calc(MimicoreProcess program) {
        return program.send(RawRequest.get("my_api.localhost", "/calc/5"));
    }

    private static String metrics(MimicoreProcess program) {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
