package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// User code that fails: the request ends with a problem that names the function, and nothing else
/// suffers.
class CodeFailureTest {
    private static final String HOST = "failing.localhost";

    private static final String CODE =
            """
            import (
            	"os"
            	"strings"
            )

            //export fine
            func fine(x int) int { return x + 1 }

            //export explode
            func explode(why string) string { panic("it broke: " + why) }

            //export nilmap
            func nilmap(key string) string {
            	var m map[string]string
            	m[key] = key
            	return key
            }

            //export divide
            func divide(a, b int64) int64 { return a / b }

            //export index
            func index(at int64) int64 { return []int64{1, 2, 3}[at] }

            //export leave
            func leave(code int) int { os.Exit(code); return code }

            //export deep
            func deep(n int64) int64 {
            	if n < 0 {
            		return n
            	}
            	return deep(n+1) + 1
            }

            //export spin
            func spin(n uint64) uint64 {
            	for n >= 0 {
            		n++
            	}
            	return n
            }

            //export spinJson
            func spinJson(text string) string {
            	for {
            		text = strings.ToUpper(text)
            	}
            }

            //export hoard
            func hoard(text string) int {
            	var kept [][]byte
            	for i := 0; i < 1000; i++ {
            		kept = append(kept, make([]byte, 1<<20))
            	}
            	return len(kept)
            }
            """;

    @TempDir private static Path root;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.write(
                "failing.json",
                ApiText.of("failing")
                        .code(CODE)
                        .limits("{\"timeout_ms\":3000,\"max_memory_mb\":32,\"max_instances\":2}")
                        .get("/fine/{x}", "{\"v\":\"{{fine(request.path.x) | json}}\"}")
                        .get("/explode", "{\"v\":\"{{explode(request.query.why)}}\"}")
                        .get("/nilmap", "{\"v\":\"{{nilmap('a')}}\"}")
                        .get("/divide/{b}", "{\"v\":\"{{divide(1, request.path.b)}}\"}")
                        .get("/index/{at}", "{\"v\":\"{{index(request.path.at)}}\"}")
                        .get("/leave/{code}", "{\"v\":\"{{leave(request.path.code)}}\"}")
                        .get("/deep", "{\"v\":\"{{deep(0)}}\"}")
                        .get("/spin", "{\"v\":\"{{spin(0)}}\"}")
                        .get("/spinJson", "{\"v\":\"{{spinJson('a')}}\"}")
                        .get("/hoard", "{\"v\":\"{{hoard('a')}}\"}")
                        .text());
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @AfterEach
    void code_afterAnyFailure_servesOn() {
        for (int i = 0; i < 6; i++) {
            assertThat(body(get("/fine/" + i)).path("v").asInt()).isEqualTo(i + 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/explode?why=%22x%22 | explode: | it broke: \"x\"",
                "/nilmap              | nilmap:  | assignment to entry in nil map",
                "/divide/0            | divide:  | divide",
                "/index/3             | index:   | index out of range",
                "/leave/3             | leave:   | 3",
                "/leave/0             | leave:   | 0",
                "/deep                | deep:    | stack",
                "/hoard               | hoard:   | 32 MiB of memory",
            })
    void code_failing_is500NamingTheFunction(String path, String function, String why) {
        JsonNode problem = problem(get(path), 500, "code-failed");

        assertThat(problem.path("detail").asString()).startsWith(function + " ").contains(why);
        assertThat(problem.toString()).doesNotContain("goroutine", "main.go", "runtime.");
    }

    @ParameterizedTest
    @CsvSource({"/spin,spin", "/spinJson,spinJson"})
    void code_neverReturning_is504AtItsDeadline(String path, String function) {
        long start = System.nanoTime();
        JsonNode problem = problem(get(path), 504, "code-timeout");
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);

        assertThat(problem.path("detail").asString())
                .isEqualTo(function + ": not done after 3000 ms");
        assertThat(elapsed).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(20));
    }

    @Test
    void code_everyInstanceBusy_is503WithRetryAfter() throws Exception {
        List<RawResponse> responses = spinAtOnce(30);

        List<RawResponse> busy = responses.stream().filter(r -> r.status() == 503).toList();
        assertThat(busy).isNotEmpty();
        for (RawResponse response : busy) {
            problem(response, 503, "code-busy");
            assertThat(response.header("Retry-After")).isEqualTo("1");
        }
        assertThat(responses).allMatch(r -> r.status() == 503 || r.status() == 504);
        assertThat(responses).anyMatch(r -> r.status() == 504);
    }

    @Test
    void metrics_afterFailures_tellTheOutcome() {
        get("/explode?why=metrics");
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            assertThat(connection.send(RawRequest.get("localhost", "/metrics")).body())
                    .containsPattern(
                            "mimicore_wasm_execution_seconds_count\\{api=\"failing\","
                                    + "function=\"explode\",outcome=\"panic\"} [1-9]");
        }
    }

    private static List<RawResponse> spinAtOnce(int requests)
            throws InterruptedException, ExecutionException {
        List<RawResponse> responses = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RawResponse>> running = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                running.add(executor.submit(() -> get("/spin")));
            }
            for (Future<RawResponse> response : running) {
                responses.add(response.get());
            }
        }
        return responses;
    }

    private static RawResponse get(String target) {
        return program.send(RawRequest.get(HOST, target));
    }
}
