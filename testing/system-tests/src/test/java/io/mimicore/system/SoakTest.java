package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Footprint;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Everything at the same time for a while, with the leak detector at its strictest: what the
/// program holds afterwards is what it held after the first part, and every client got what it had
/// to get.
///
/// A minute, or as long as `-Dmimicore.soak.seconds=N` says; `./dev soak` takes ten minutes.
class SoakTest {
    private static final System.Logger log = System.getLogger("soak");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SECONDS = Integer.getInteger("mimicore.soak.seconds", 60);

    private static final List<String> TRAFFIC = List.of("listener=\"traffic\"");
    private static final int PORT = ByteServer.freePort();
    private static final long MEBIBYTE = 1 << 20;

    private static final String CODE =
            """
            //export double
            func double(n int64) int64 { return 2 * n }

            //export panics
            func panics(n int64) int64 { panic("always") }
            """;

    @TempDir private Path root;

    /// What the program holds when it has nothing to do.
    ///
    /// @param directBytes of Netty's buffers
    private record Holding(Footprint footprint, double directBytes, long residentBytes) {}

    @Test
    void program_underEverythingAtOnce_holdsNothingBack() throws Exception {
        Workspace workspace = Workspace.in(root);
        try (ByteServer silent = ByteServer.tcp(ByteConnection::rest);
                MimicoreProcess program = start(workspace, silent.port());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> unanswered = threads.submit(() -> askTheSilent(program));
            AtomicLong edits = new AtomicLong();
            Holding early = soak(program, workspace, SECONDS / 3, edits);
            Holding late = soak(program, workspace, SECONDS - SECONDS / 3, edits);

            log.log(System.Logger.Level.INFO, "soak: first " + early + ", last " + late);
            requireFlat(early, late);
            if (SECONDS >= 60) {
                assertThat(unanswered.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .startsWith("HTTP/1.1 504 ");
            }
            assertThat(program.err().text()).doesNotContain("LEAK").doesNotContain("\n\tat ");
            assertThat(program.terminate()).isZero();
        }
    }

    private static MimicoreProcess start(Workspace workspace, int silentPort) {
        workspace.write("soak.json", api());
        workspace.write("soak_edit.json", edit(0));
        workspace.write("soak_proxy.json", proxy("soak_proxy", PORT));
        workspace.write("soak_silent.json", proxy("soak_silent", silentPort));
        String options = "-Dio.netty.leakDetection.level=paranoid";
        return workspace.program().environment("JAVA_TOOL_OPTIONS", options).start();
    }

    /// Runs everything for a while, then waits until the program is at rest.
    private static Holding soak(
            MimicoreProcess program, Workspace workspace, int seconds, AtomicLong edits)
            throws IOException {
        try (ByteServer _ = SoakTarget.start(PORT);
                SoakTraffic traffic = SoakTraffic.start(program.traffic())) {
            traffic.act(
                    "edit",
                    500,
                    _ -> {
                        long mark = edits.incrementAndGet();
                        workspace.replace("soak_edit.json", edit(mark));
                        eventually(
                                PATIENCE,
                                () -> assertThat(edited(program)).isEqualTo(Long.toString(mark)));
                    });
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() - end < 0 && traffic.failures().isEmpty()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            traffic.finish();
            log.log(System.Logger.Level.INFO, "soak: " + traffic.done());
            assertThat(traffic.failures()).isEmpty();
            assertThat(traffic.done()).allSatisfy((_, count) -> assertThat(count).isPositive());
        }
        // One request stays: the one whose target is silent.
        eventually(
                PATIENCE,
                () -> {
                    Metrics now = Metrics.of(program);
                    assertThat(now.sum("mimicore_connections", TRAFFIC)).isLessThanOrEqualTo(1);
                    assertThat(now.sum("mimicore_upstream_connections", List.of()))
                            .isLessThanOrEqualTo(1);
                    assertThat(now.sum("mimicore_upstream_buffered_bytes", List.of())).isZero();
                });
        return holding(program);
    }

    /// Leaks are told when the next buffer is taken after a collection.
    private static Holding holding(MimicoreProcess program) throws IOException {
        Footprint footprint = Footprint.of(program.pid());
        for (int i = 0; i < 20; i++) {
            edited(program);
        }
        return new Holding(
                footprint,
                Metrics.of(program).sum("mimicore_buffer_bytes", List.of()),
                residentBytes(program));
    }

    private static void requireFlat(Holding early, Holding late) {
        Footprint before = early.footprint();
        Footprint after = late.footprint();
        assertThat(after.heapBytes())
                .as("live heap")
                .isLessThan(before.heapBytes() + before.heapBytes() / 4 + 8 * MEBIBYTE);
        assertThat(late.directBytes())
                .as("direct memory")
                .isLessThan(early.directBytes() + 16 * MEBIBYTE);
        assertThat(after.files()).as("open files").isLessThanOrEqualTo(before.files() + 8);
        assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 8);
        assertThat(late.residentBytes())
                .as("resident memory")
                .isLessThan(early.residentBytes() + 192 * MEBIBYTE);
    }

    /// What a client gets that waits for a target that never answers.
    private static String askTheSilent(MimicoreProcess program) throws IOException {
        try (ByteConnection client = ByteConnection.open(program.traffic())) {
            client.send("GET / HTTP/1.1\r\nHost: soak_silent.localhost\r\n\r\n");
            return client.readHead();
        }
    }

    private static String edited(MimicoreProcess program) {
        return program.send(RawRequest.get("soak_edit.localhost", "/")).body();
    }

    private static String edit(long mark) {
        return ApiText.of("soak_edit").get("/", "\"" + mark + "\"").text();
    }

    private static String proxy(String api, int port) {
        return "{\"api\":\""
                + api
                + "\",\"version\":\"v2\",\"mode\":\"proxy\",\"upstream\":\"http://127.0.0.1:"
                + port
                + "\"}";
    }

    private static String api() {
        return ApiText.of("soak")
                .code(CODE)
                .limits("{\"timeout_ms\":20000}")
                .get("/static", "\"static\"")
                .post("/template", "{\"v\":\"{{request.body.v}}\"}")
                .get("/code", "\"{{double(request.query.n)}}\"")
                .get("/panic", "\"{{panics(request.query.n)}}\"")
                .route(
                        route(
                                "/calls",
                                call("a", "/json", "") + "," + call("b", "/json", ""),
                                "{\"a\":\"{{a.v | json}}\",\"b\":\"{{b.v | json}}\"}"))
                .route(route("/broken", call("a", "/reset", ""), "\"{{a.v}}\""))
                .route(
                        route(
                                "/safe",
                                call("a", "/cut", ",\"on_error\":{\"v\":\"instead\"}"),
                                "\"{{a.v}}\""))
                .route(route("/never", call("a", "/never", ""), "\"{{a.v}}\""))
                .text();
    }

    private static String call(String name, String path, String more) {
        return "{\"name\":\"%s\",\"url\":\"http://127.0.0.1:%d%s\",\"timeout\":20000%s}"
                .formatted(name, PORT, path, more);
    }

    private static String route(String path, String calls, String body) {
        return "{\"method\":\"GET\",\"path\":\"%s\",\"transform\":{\"http\":[%s]},\"response\":{\"body\":%s}}"
                .formatted(path, calls, body);
    }

    private static long residentBytes(MimicoreProcess program) throws IOException {
        String status = Files.readString(Path.of("/proc/" + program.pid() + "/status"), UTF_8);
        String line = status.lines().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }
}
