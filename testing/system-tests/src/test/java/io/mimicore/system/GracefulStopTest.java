package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program is asked to stop while it serves.
class GracefulStopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final int CLIENTS = 6;
    private static final RawRequest FAST = RawRequest.get("stop.localhost", "/fast");
    private static final RawRequest SLOW = RawRequest.get("stop.localhost", "/slow");
    private static final RawRequest ENDLESS = RawRequest.get("stop.localhost", "/endless");

    @TempDir private Path root;
    private Workspace workspace;
    private final AtomicLong answers = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
        workspace.write(
                "stop.json",
                ApiText.of("stop")
                        .get("/fast", "{\"a\":1}")
                        .route(delayed("/slow", 2_000))
                        .route(delayed("/endless", 60_000))
                        .text());
    }

    @Test
    void stop_underLoad_failsNoRequest() throws Exception {
        try (MimicoreProcess program = start("1", "20");
                var threads = Executors.newVirtualThreadPerTaskExecutor();
                RawConnection quiet = RawConnection.open(program.traffic())) {
            assertThat(quiet.send(FAST).header("Connection")).isEmpty();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(CompletableFuture.runAsync(() -> load(program.traffic()), threads));
            }
            eventually(PATIENCE, () -> assertThat(answers.get()).isGreaterThan(100));
            var slow = CompletableFuture.supplyAsync(() -> program.send(SLOW), threads);
            awaitConnections(program, CLIENTS + 2);
            program.askToEnd();
            assertThat(program.err().awaitText("stopping", PATIENCE)).isPresent();

            // The log says so a moment before.
            eventually(PATIENCE, () -> assertThat(readiness(program).status()).isEqualTo(503));
            // Still in its grace: new clients are served, and nobody is sent away yet.
            assertThat(program.send(FAST).status()).isEqualTo(200);
            assertThat(program.err().awaitText("traffic stops", PATIENCE)).isPresent();
            RawResponse last = quiet.send(FAST);
            while (!last.header("Connection").equals("close")) {
                assertThat(last.status()).isEqualTo(200);
                last = quiet.send(FAST);
            }

            assertThat(last.status()).isEqualTo(200);
            RawResponse slowAnswer = slow.get(30, TimeUnit.SECONDS);
            assertThat(slowAnswer.status()).isEqualTo(200);
            assertThat(slowAnswer.header("Connection")).isEqualTo("close");
            CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new))
                    .get(30, TimeUnit.SECONDS);
            assertThat(failures).isEmpty();
            assertThat(program.awaitExit()).isZero();
            assertThat(program.err().text()).contains("every request was answered");
        }
    }

    @Test
    void stop_requestThatNeverEnds_isCutAtTheDeadline() {
        // The threads are closed last: one waits for an answer for as long as the program runs.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                MimicoreProcess program = start("0", "0.5");
                RawConnection idle = RawConnection.open(program.traffic())) {
            idle.send(FAST);
            var endless = CompletableFuture.supplyAsync(() -> program.send(ENDLESS), threads);
            awaitConnections(program, 2);

            program.interrupt();

            assertThat(program.awaitExit()).isZero();
            assertThat(program.err().text()).contains("were cut after 500 ms");
            assertThat(endless.handle((_, failure) -> failure != null).join()).isTrue();
        }
    }

    @Test
    void stop_secondSignal_endsAtOnce() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                MimicoreProcess program = start("0", "600")) {
            var endless = CompletableFuture.supplyAsync(() -> program.send(ENDLESS), threads);
            awaitConnections(program, 1);
            program.askToEnd();
            assertThat(program.err().awaitText("traffic stops", PATIENCE)).isPresent();

            program.interrupt();

            assertThat(program.awaitExit()).isEqualTo(130);
            assertThat(endless.handle((_, failure) -> failure != null).join()).isTrue();
        }
    }

    private MimicoreProcess start(String graceSeconds, String patienceSeconds) {
        return workspace
                .program()
                .environment("MIMICORE_STOP_GRACE", graceSeconds)
                .environment("MIMICORE_STOP_PATIENCE", patienceSeconds)
                .start();
    }

    private static void awaitConnections(MimicoreProcess program, int count) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(
                                        metrics(program)
                                                .lines()
                                                .filter(line -> line.startsWith("mimicore_conn")))
                                .contains(
                                        "mimicore_connections{listener=\"traffic\"} "
                                                + count
                                                + ".0"));
    }

    /// A client that keeps its connection until it is told that it ends, and then makes another
    /// one; when nobody listens any more it is done. Everything else is a failure.
    private void load(InetSocketAddress address) {
        while (true) {
            RawConnection connection;
            try {
                connection = RawConnection.open(address);
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof ConnectException)) {
                    failures.add("connecting: " + e);
                }
                return;
            }
            try (connection) {
                boolean told = false;
                while (!told) {
                    RawResponse answer = connection.send(FAST);
                    answers.incrementAndGet();
                    if (answer.status() != 200) {
                        failures.add("status " + answer.status());
                    }
                    told = answer.header("Connection").equals("close");
                    LockSupport.parkNanos(PACE_NANOS);
                }
            } catch (UncheckedIOException e) {
                failures.add("a request: " + e);
                return;
            }
        }
    }

    private static RawResponse readiness(MimicoreProcess program) {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/readyz"));
        }
    }

    private static String metrics(MimicoreProcess program) {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }

    private static String delayed(String path, int millis) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"delay\":{\"fixed_ms\":"
                + millis
                + "},\"response\":{\"body\":{\"slow\":true}}}";
    }
}
