package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.json;
import static io.mimicore.system.Answers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.Eventually;
import io.mimicore.testkit.process.Footprint;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// User code that means harm, in many calls at once: it is stopped, told of, and leaves nothing
/// behind, and others do not notice.
class HostileCodeTest {
    private static final String HOSTILE = "hostile.localhost";
    private static final String ENDLESS = "endless.localhost";
    private static final String HOG = "hog.localhost";
    private static final String OTHER = "other.localhost";

    private static final int ENDLESS_MILLIS = 20;
    private static final int OF_EACH = Integer.getInteger("mimicore.attacks", 20);
    private static final int HOARDERS = 8;

    private static final String CODE =
            """
            import (
            	"bytes"
            	"errors"
            	"fmt"
            	"os"
            	"strings"
            	"syscall"
            	"time"
            	"unsafe"
            )

            var calls int
            var names = map[string]int{"init": 1}
            var buffer bytes.Buffer
            var kept [][]byte

            // mark leaves traces everywhere a call can.
            func mark() {
            	calls++
            	names[fmt.Sprint("call", calls)] = calls
            	buffer.WriteString("secret of another call")
            	kept = append(kept, bytes.Repeat([]byte{byte(calls)}, 5000))
            	os.Setenv("MARK", "set")
            }

            //export seen
            func seen() string {
            	return fmt.Sprint(calls, len(names), buffer.Len(), len(kept), os.Getenv("MARK"))
            }

            //export well
            func well(text string) string { mark(); return text }

            //export fails
            func fails(text string) (string, error) { mark(); return "", errors.New("as " + text) }

            //export panics
            func panics(text string) string { mark(); panic("with " + text) }

            //export traps
            func traps(x int64) int64 { mark(); return 1 / (x - x) }

            //export leaves
            func leaves(code int) int { mark(); os.Exit(code); return code }

            //export recurses
            func recurses(n int64) int64 { mark(); return deep(n) + 1 }

            func deep(n int64) int64 {
            	if n < 0 {
            		return n
            	}
            	return deep(n+1) + 1
            }

            //export hoards
            func hoards(text string) int {
            	mark()
            	for {
            		kept = append(kept, make([]byte, 1<<20))
            	}
            }

            //export deadlocks
            func deadlocks(text string) string { mark(); select {} }

            //export grows
            func grows(mib int) int {
            	mark()
            	for i := 0; i < mib; i++ {
            		kept = append(kept, bytes.Repeat([]byte{1}, 1<<20))
            	}
            	return len(kept) - 1
            }

            //export large
            func large(size int) string { return strings.Repeat("x", size) }

            //export floods
            func floods(lines int) int {
            	for i := 0; i < lines; i++ {
            		fmt.Println("flooding the log")
            	}
            	return lines
            }

            //export floodsForever
            func floodsForever(text string) string {
            	for {
            		fmt.Fprintln(os.Stderr, "flooding without end")
            	}
            }

            //export pries
            func pries(text string) map[string]any {
            	_, read := os.ReadFile("/etc/passwd")
            	_, dir := os.ReadDir("/")
            	write := os.WriteFile("/tmp/hostile", []byte("x"), 0o600)
            	_, socket := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
            	_, process := os.StartProcess("/bin/sh", []string{"sh"}, &os.ProcAttr{})
            	return map[string]any{
            		"read": read != nil, "dir": dir != nil, "write": write != nil, "socket": socket != nil,
            		"process": process != nil, "environ": len(os.Environ()), "args": len(os.Args),
            		"clock": time.Now().Year() > 2020,
            	}
            }

            //export peeks
            func peeks(address uint64) uint64 {
            	mark()
            	return uint64(*(*byte)(unsafe.Pointer(uintptr(address))))
            }

            //export pokes
            func pokes(address uint64) uint64 {
            	mark()
            	*(*uint64)(unsafe.Pointer(uintptr(address))) = 0x6d696d69636f7265
            	return address
            }

            //export spins
            func spins(n uint64) uint64 {
            	mark()
            	for n >= 0 {
            		n++
            	}
            	return n
            }

            //export sleeps
            func sleeps(text string) string { mark(); time.Sleep(time.Hour); return text }
            """;

    private static final String GROWING =
            """
            import "time"

            //export hoard
            func hoard(mib int) int {
            	var kept [][]byte
            	for i := 0; i < mib; i++ {
            		kept = append(kept, make([]byte, 1<<20))
            	}
            	time.Sleep(50 * time.Millisecond)
            	return len(kept)
            }
            """;

    /// A request, and what its answer must be.
    private record Attack(String host, String target, int status, String function) {}

    private static final List<Attack> ATTACKS =
            List.of(
                    new Attack(HOSTILE, "/well", 200, ""),
                    new Attack(HOSTILE, "/fails", 500, "fails"),
                    new Attack(HOSTILE, "/panics", 500, "panics"),
                    new Attack(HOSTILE, "/traps", 500, "traps"),
                    new Attack(HOSTILE, "/leaves", 500, "leaves"),
                    new Attack(HOSTILE, "/recurses", 500, "recurses"),
                    new Attack(HOSTILE, "/hoards", 500, "hoards"),
                    new Attack(HOSTILE, "/deadlocks", 500, "deadlocks"),
                    new Attack(ENDLESS, "/spins", 504, "spins"),
                    new Attack(ENDLESS, "/sleeps", 504, "sleeps"));

    @TempDir private static Path root;
    private static MimicoreProcess program;
    private static String untouched;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.write("hostile.json", hostile("hostile", 20_000, 4));
        workspace.write("hog.json", hostile("hog", 4_000, 4));
        workspace.write("endless.json", hostile("endless", ENDLESS_MILLIS, 2));
        workspace.write(
                "other.json",
                ApiText.of("other")
                        .code("//export double\nfunc double(x uint64) uint64 { return x * 2 }\n")
                        .limits("{\"timeout_ms\":20000,\"max_instances\":4}")
                        .get("/double/{x}", "{\"v\":\"{{double(request.path.x) | json}}\"}")
                        .text());
        for (int i = 0; i < HOARDERS; i++) {
            workspace.write(
                    "hoarder" + i + ".json",
                    ApiText.of("hoarder" + i)
                            .code(GROWING)
                            .limits(
                                    "{\"timeout_ms\":20000,\"max_memory_mb\":256,"
                                            + "\"max_instances\":4}")
                            .get("/{mib}", "{\"v\":\"{{hoard(request.path.mib) | json}}\"}")
                            .text());
        }
        program = workspace.program().start();
        untouched = body(get(HOSTILE, "/seen")).path("v").asString();
    }

    private static String hostile(String name, int timeoutMillis, int maxInstances) {
        return ApiText.of(name)
                .code(CODE)
                .limits(
                        "{\"timeout_ms\":%d,\"max_memory_mb\":16,\"max_instances\":%d}"
                                .formatted(timeoutMillis, maxInstances))
                .get("/seen", "{\"v\":\"{{seen()}}\"}")
                .get("/well", "{\"v\":\"{{well('x')}}\"}")
                .get("/fails", "{\"v\":\"{{fails('x')}}\"}")
                .get("/panics", "{\"v\":\"{{panics('x')}}\"}")
                .get("/traps", "{\"v\":\"{{traps(1)}}\"}")
                .get("/leaves", "{\"v\":\"{{leaves(3)}}\"}")
                .get("/recurses", "{\"v\":\"{{recurses(0)}}\"}")
                .get("/hoards", "{\"v\":\"{{hoards('x')}}\"}")
                .get("/deadlocks", "{\"v\":\"{{deadlocks('x')}}\"}")
                .get("/grows/{mib}", "{\"v\":\"{{grows(request.path.mib) | json}}\"}")
                .get("/large/{size}", "{\"v\":\"{{large(request.path.size)}}\"}")
                .get("/floods/{lines}", "{\"v\":\"{{floods(request.path.lines) | json}}\"}")
                .get("/floodsForever", "{\"v\":\"{{floodsForever('x')}}\"}")
                .get("/pries", "{\"v\":\"{{pries('x') | json}}\"}")
                .get("/peeks/{address}", "{\"v\":\"{{peeks(request.path.address)}}\"}")
                .get("/pokes/{address}", "{\"v\":\"{{pokes(request.path.address)}}\"}")
                .get("/spins", "{\"v\":\"{{spins(0)}}\"}")
                .get("/sleeps", "{\"v\":\"{{sleeps('x')}}\"}")
                .text();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @AfterEach
    void program_afterEveryAttack_isAliveAndClean() {
        assertThat(program.isAlive()).isTrue();
        assertThat(body(get(HOSTILE, "/seen")).path("v").asString()).isEqualTo(untouched);
        assertThat(get(OTHER, "/double/21").body()).isEqualTo("{\"v\":42}");
    }

    @Test
    void code_prying_findsNothing() {
        assertThat(body(get(HOSTILE, "/pries")).path("v"))
                .isEqualTo(
                        json(
                                "{\"args\":0,\"clock\":true,\"dir\":true,\"environ\":0,"
                                        + "\"process\":true,\"read\":true,\"socket\":true,"
                                        + "\"write\":true}"));
    }

    /// Its memory ends at 16 MiB at most; an address has 32 bits, whatever Go makes of it.
    @ParameterizedTest
    @ValueSource(longs = {16L << 20, (1L << 31) - 1, 1L << 31, (1L << 32) - 8, (1L << 32) - 1})
    void unsafe_beyondItsMemory_reachesNothing(long address) {
        assertThat(
                        problem(get(HOSTILE, "/peeks/" + address), 500, "code-failed")
                                .path("detail")
                                .asString())
                .contains("peeks");
        assertThat(
                        problem(get(HOSTILE, "/pokes/" + address), 500, "code-failed")
                                .path("detail")
                                .asString())
                .contains("pokes");
    }

    /// Whatever becomes of the call, the next one finds nothing of it.
    @ParameterizedTest
    @ValueSource(longs = {4_096, 65_536, 1 << 20, 2 << 20, 3 << 20})
    void unsafe_withinItsMemory_harmsOnlyItsOwnCall(long address) {
        assertThat(get(HOSTILE, "/pokes/" + address).status()).isIn(200, 500, 504);

        assertThat(body(get(HOSTILE, "/seen")).path("v").asString()).isEqualTo(untouched);
        assertThat(body(get(HOSTILE, "/well")).path("v").asString()).isEqualTo("x");
    }

    /// The median of many and the better of a few rounds: one pause of a busy machine is no
    /// lateness of the node.
    @Test
    void code_neverReturning_isStoppedWithin50MillisOfItsDeadline() {
        Eventually.eventually(
                Duration.ofSeconds(20),
                () -> {
                    List<Long> late = new ArrayList<>();
                    try (RawConnection connection = RawConnection.open(program.traffic())) {
                        for (int i = 0; i < 31; i++) {
                            long start = System.nanoTime();
                            problem(
                                    connection.send(RawRequest.get(ENDLESS, "/spins")),
                                    504,
                                    "code-timeout");
                            late.add(
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)
                                            - ENDLESS_MILLIS);
                        }
                    }
                    Collections.sort(late);
                    assertThat(late.getFirst()).isNotNegative();
                    assertThat(late.get(late.size() / 2)).as("late: %s", late).isLessThan(50);
                });
    }

    @Test
    void result_largerThanAResponse_is500NamingTheFunction() {
        assertThat(body(get(HOSTILE, "/large/1000000")).path("v").asString()).hasSize(1_000_000);

        String detail =
                problem(get(HOSTILE, "/large/5000000"), 500, "code-failed")
                        .path("detail")
                        .asString();
        // The limit of its memory or of a result, whichever is first.
        assertThat(detail).startsWith("large: ");
    }

    @Test
    void memory_grownByACallThatReturnsWell_isGivenBack() {
        double before = Eventually.eventuallyGet(Duration.ofSeconds(10), () -> memoryBytes());
        for (int i = 0; i < 20; i++) {
            assertThat(get(HOSTILE, "/grows/3").body()).isEqualTo("{\"v\":3}");
        }

        Eventually.eventually(
                Duration.ofSeconds(10),
                () -> assertThat(memoryBytes()).isLessThanOrEqualTo(before + (40 << 20)));
    }

    @Test
    void output_flooding_isLoggedAHundredLinesASecondAtMost() {
        long start = System.nanoTime();
        long before = program.err().count("flooding the log");
        for (int i = 0; i < 30; i++) {
            assertThat(get(HOSTILE, "/floods/1000").body()).isEqualTo("{\"v\":1000}");
        }
        problem(get(ENDLESS, "/floodsForever"), 504, "code-timeout");
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);

        assertThat(program.err().count("flooding the log") - before)
                .isBetween(100L, 100 * (seconds + 2));
        // Told with the first line of a later second.
        Eventually.eventually(
                Duration.ofSeconds(10),
                () -> {
                    assertThat(get(HOSTILE, "/floods/1").body()).isEqualTo("{\"v\":1}");
                    assertThat(program.err().text())
                            .contains("lines were dropped: more than 100 a second");
                });
    }

    /// Together they may have more than the heap is large; the node has one budget for all.
    @Test
    void memory_ofAllInstances_neverTakesTheNodeDown() throws Exception {
        List<Future<Integer>> statuses = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < HOARDERS; i++) {
                String host = "hoarder" + i + ".localhost";
                for (int round = 0; round < 4; round++) {
                    statuses.add(executor.submit(() -> get(host, "/100").status()));
                }
            }
            for (Future<Integer> status : statuses) {
                assertThat(status.get()).isIn(200, 500, 503, 504);
            }
        }
        assertThat(program.isAlive()).isTrue();
        assertThat(body(get("hoarder0.localhost", "/1")).path("v").asInt()).isEqualTo(1);
    }

    /// Every attack many times (`-Dmimicore.attacks`, 1 000 to be sure) in a random order, over
    /// several connections; between them, and after each, nobody sees a trace of another call.
    @Test
    void attacks_manyOfEachAtOnce_leaveNothingBehind() throws Exception {
        long seed = System.nanoTime();
        run(attacks(10, seed), seed);
        Held before = Held.now();

        run(attacks(OF_EACH, seed), seed);

        Eventually.eventually(
                Duration.ofSeconds(30), () -> Held.now().assertNoMoreThan(before, "seed " + seed));
    }

    /// What the program holds after a full collection of its heap.
    private record Held(Footprint process, long instances, long loaders) {
        private static final String PACKAGE = "io.mimicore.dataplane.wasm.";
        private static final long MIB = 1 << 20;

        static Held now() {
            long pid = program.pid();
            Held held =
                    new Held(
                            Footprint.of(pid),
                            Footprint.objects(pid, PACKAGE + "Guest"),
                            Footprint.objects(pid, PACKAGE + "MachineClasses"));
            assertThat(held.instances).isPositive();
            assertThat(held.loaders).isPositive();
            return held;
        }

        void assertNoMoreThan(Held before, String why) {
            // The JVM starts and ends threads of the JIT compiler as it needs them.
            assertThat(process.threads())
                    .as("threads, %s", why)
                    .isLessThanOrEqualTo(before.process.threads() + 6);
            assertThat(instances)
                    .as("instances, %s", why)
                    .isLessThanOrEqualTo(before.instances + 6);
            assertThat(loaders).as("class loaders, %s", why).isEqualTo(before.loaders);
            // The JIT compiler and lambdas of first uses take some; a loss in each call takes more.
            assertThat(process.metaspaceBytes())
                    .as("metaspace, %s", why)
                    .isLessThan(before.process.metaspaceBytes() + 8 * MIB);
            // An instance is 8 MiB and more, and as many as may be idle may have come.
            assertThat(process.heapBytes())
                    .as("heap, %s", why)
                    .isLessThan(before.process.heapBytes() + 64 * MIB);
        }
    }

    private static List<Attack> attacks(int ofEach, long seed) {
        List<Attack> all = new ArrayList<>();
        ATTACKS.forEach(attack -> all.addAll(Collections.nCopies(ofEach, attack)));
        Collections.shuffle(all, new Random(seed));
        return all;
    }

    /// Two connections for each API, so that no call has to wait for long.
    private static void run(List<Attack> attacks, long seed) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (String host : List.of(HOSTILE, ENDLESS)) {
                List<Attack> own = attacks.stream().filter(a -> a.host().equals(host)).toList();
                int half = own.size() / 2;
                running.add(executor.submit(() -> runAll(own.subList(0, half), seed)));
                running.add(executor.submit(() -> runAll(own.subList(half, own.size()), seed)));
            }
            for (Future<?> future : running) {
                future.get();
            }
        }
    }

    private static void runAll(List<Attack> attacks, long seed) {
        try (RawConnection connection = RawConnection.open(program.traffic())) {
            for (Attack attack : attacks) {
                RawResponse response = patiently(connection, attack.host(), attack.target());
                assertThat(response.status())
                        .as("seed %d, %s: %s", seed, attack, response.body())
                        .isEqualTo(attack.status());
                if (attack.status() != 200) {
                    assertThat(json(response.body()).path("detail").asString())
                            .as("seed %d", seed)
                            .startsWith(attack.function() + ": ");
                }
                if (attack.host().equals(HOSTILE)) {
                    assertThat(patiently(connection, HOSTILE, "/seen").body())
                            .as("seed %d, after %s", seed, attack)
                            .isEqualTo("{\"v\":\"" + untouched + "\"}");
                }
            }
        }
    }

    /// Asks again while no instance is free.
    private static RawResponse patiently(RawConnection connection, String host, String target) {
        while (true) {
            RawResponse response = connection.send(RawRequest.get(host, target));
            if (response.status() != 503) {
                return response;
            }
            assertThat(response.header("Retry-After")).isEqualTo("1");
        }
    }

    /// Before, a call waited until one of the others' deadlines, or was refused after a second.
    @Test
    void otherApi_whileCodeHoldsAllThreadsItMay_isAnsweredAllTheSame() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RawResponse>> hogs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                hogs.add(executor.submit(() -> get(HOG, "/spins")));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(get(OTHER, "/double/21").body()).isEqualTo("{\"v\":42}");
            }
            assertThat(hogs).anyMatch(hog -> !hog.isDone());
            for (Future<RawResponse> hog : hogs) {
                assertThat(hog.get().status()).isIn(503, 504);
            }
        }
    }

    private static double memoryBytes() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("mimicore_wasm_memory_bytes"))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static RawResponse get(String host, String target) {
        return program.send(RawRequest.get(host, target));
    }
}
