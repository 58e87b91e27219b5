package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node is taken out of traffic, and back. Each test leaves it undrained.
class DrainTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PACE = Duration.ofMillis(5);
    private static final RawRequest REQUEST = Marked.request("served");

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        workspace.write("served.json", Marked.plain("served", 1));
        program =
                workspace
                        .program()
                        .environment("MIMICORE_NODE_ID", "edge-1")
                        .environment("MIMICORE_STOP_GRACE", "0.1")
                        .start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    void drain_withWait_sendsClientsAwayAndServesWhatComes() {
        try (RawConnection kept = RawConnection.open(program.traffic())) {
            assertThat(kept.send(REQUEST).header("Connection")).isEmpty();
            assertThat(readiness()).isEqualTo(200);

            Outcome drained = run("drain", "edge-1", "--wait");

            assertThat(drained.exitCode()).as(drained.err()).isZero();
            assertThat(drained.out()).contains("edge-1 is drained");
            assertThat(readiness()).isEqualTo(503);
            assertThat(node("drain")).isEqualTo("drained");
            assertThat(node("state")).isEqualTo("in_sync");
            assertThat(run("get", "nodes").out()).contains("edge-1").contains("drained");
            RawResponse still = program.send(REQUEST);
            assertThat(still.body()).isEqualTo(Marked.body(1));
            assertThat(still.header("Connection")).isEqualTo("close");

            Outcome undone = run("drain", "--undo", "edge-1", "--wait");

            assertThat(undone.exitCode()).as(undone.err()).isZero();
            assertThat(undone.out()).contains("edge-1 takes traffic again");
            assertThat(readiness()).isEqualTo(200);
            assertThat(node("drain")).isEqualTo("not_drained");
        }
        try (RawConnection connection = RawConnection.open(program.traffic())) {
            assertThat(connection.send(REQUEST).header("Connection")).isEmpty();
            assertThat(connection.send(REQUEST).body()).isEqualTo(Marked.body(1));
        }
    }

    @Test
    void drain_whileRequestsStillCome_saysSoAndServesThem() throws Exception {
        var ends = new AtomicBoolean();
        Set<String> answers = ConcurrentHashMap.newKeySet();
        Thread client =
                Thread.ofVirtual()
                        .start(() -> {
                            while (!ends.get()) {
                                answers.add(program.send(REQUEST).body());
                                LockSupport.parkNanos(PACE.toNanos());
                            }
                        });
        try {
            Outcome drained = run("drain", "edge-1", "--wait", "--timeout", "3");

            assertThat(drained.exitCode()).isEqualTo(1);
            assertThat(drained.err()).contains("edge-1: not within 3 s", "requests still come");
            assertThat(node("drain")).isEqualTo("draining");
            ends.set(true);
            assertThat(client.join(PATIENCE)).isTrue();
            assertThat(answers).containsExactly(Marked.body(1));
        } finally {
            ends.set(true);
            assertThat(run("drain", "edge-1", "--undo", "--wait").exitCode()).isZero();
        }
    }

    @Test
    void drain_ofANodeThatIsNotThere_isRefusedByName() {
        Outcome outcome = run("drain", "edge-7");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("nodes/edge-7: there is no such Node");
    }

    private static int readiness() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/readyz")).status();
        }
    }

    private static String node(String field) {
        Outcome shown = run("get", "nodes", "-o", "json");
        return json(shown.out()).path("nodes").get(0).path(field).asString();
    }

    private static Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", "127.0.0.1:" + program.admin().getPort()));
        return workspace.command().run(all.toArray(String[]::new));
    }
}
