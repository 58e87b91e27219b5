package io.mimicore.dataplane.wasm;

import static io.mimicore.dataplane.wasm.PoolFixture.await;
import static io.mimicore.dataplane.wasm.PoolFixture.failure;
import static io.mimicore.dataplane.wasm.PoolFixture.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Code that breaks, hogs and pries. After each of it the next call must be right.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileCodeTest {
    private static final int TIMEOUT_MILLIS = 300;

    private PoolFixture node;

    /// Its deadline is far away: code runs slowly before the JVM compiled it.
    private CodePool pool;

    /// Its deadline is [#TIMEOUT_MILLIS].
    private CodePool hasty;

    private Value firstCount;

    @BeforeAll
    void start() throws PrepareException {
        node = new PoolFixture();
        pool = node.playground(60_000);
        hasty = node.playground(TIMEOUT_MILLIS);
        firstCount = value(pool, "count");
    }

    @AfterAll
    void stop() {
        pool.close();
        hasty.close();
        node.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"spin", "spin_calls"})
    void endlessLoop_deadline_isStoppedSoonAfterIt(String function) {
        long start = System.nanoTime();
        CodeFailure failure = failure(hasty, function);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

        assertThat(failure)
                .isEqualTo(
                        new CodeFailure(
                                CodeFailure.Kind.TIMEOUT,
                                function,
                                function + ": not done after 300 ms"));
        // Generous: the machine may be busy with other tests.
        assertThat(millis).isBetween(TIMEOUT_MILLIS - 1L, TIMEOUT_MILLIS + 2_000L);
        assertThat(value(hasty, "double", Value.Whole.of(1))).isEqualTo(new Value.Whole(2, true));
    }

    @Test
    void sleep_beyondDeadline_isStopped() {
        assertThat(failure(hasty, "sleep_ms", Value.Whole.of(100_000)).kind())
                .isEqualTo(CodeFailure.Kind.TIMEOUT);
        assertThat(value(hasty, "double", Value.Whole.of(1))).isEqualTo(new Value.Whole(2, true));
    }

    @Test
    void sleep_withinDeadline_sleepsAsLong() {
        Value slept = value(pool, "sleep_ms", Value.Whole.of(30));

        assertThat(((Value.Whole) slept).bits()).isGreaterThanOrEqualTo(29);
    }

    @Test
    void memory_beyondLimit_failsAsMemory() {
        CodeFailure failure = failure(pool, "hoard_mib", Value.Whole.of(100));

        assertThat(failure.kind()).isEqualTo(CodeFailure.Kind.MEMORY);
        assertThat(failure.message())
                .isEqualTo("hoard_mib: it needs more than its 64 MiB of memory");
        assertNothingLeft();
    }

    @Test
    void memory_withinLimit_isGivenBackAfterTheCall() {
        for (int i = 0; i < 5; i++) {
            assertThat(value(pool, "hoard_mib", Value.Whole.of(20))).isEqualTo(Value.Whole.of(20));
        }
        assertNothingLeft();
    }

    @Test
    void recursion_withoutEnd_failsAndLeavesTheThreadUsable() {
        CodeFailure failure = failure(pool, "recurse", Value.Whole.of(-1));

        // Go's stack is in linear memory, the JVM's is not: whichever is full first.
        assertThat(failure.kind()).isIn(CodeFailure.Kind.TRAP, CodeFailure.Kind.MEMORY);
        assertThat(value(pool, "recurse", Value.Whole.of(500))).isInstanceOf(Value.Whole.class);
        assertNothingLeft();
    }

    @Test
    void panic_inPlainFunction_failsWithItsText() {
        assertThat(failure(pool, "panics"))
                .isEqualTo(
                        new CodeFailure(
                                CodeFailure.Kind.PANIC, "panics", "panics: panic: at the disco"));
        assertNothingLeft();
    }

    @Test
    void exit_status_failsAsExit() {
        assertThat(failure(pool, "exits", Value.Whole.of(7)))
                .isEqualTo(new CodeFailure(CodeFailure.Kind.EXIT, "exits", "exits: exit status 7"));
        assertThat(failure(pool, "exits", Value.Whole.of(0)).kind())
                .isEqualTo(CodeFailure.Kind.EXIT);
        assertNothingLeft();
    }

    @Test
    void nilPointer_read_fails() {
        assertThat(failure(pool, "nil_pointer").kind())
                .isIn(CodeFailure.Kind.PANIC, CodeFailure.Kind.TRAP);
        assertNothingLeft();
    }

    @Test
    void deadlock_ofGoroutines_fails() {
        assertThat(failure(pool, "deadlock").message()).contains("deadlock");
        assertNothingLeft();
    }

    @Test
    void host_files_sockets_environment_areNotThere() {
        Value found = value(pool, "look_around", new Value.Text("x"));

        assertThat(new String(((Value.Raw) found).bytes(), UTF_8))
                .isEqualTo("directory: \nhost: wasip1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 4})
    void state_afterPanicExitOrReturn_isTheSameForTheNextCall(int end) {
        for (int round = 0; round < 3; round++) {
            await(PoolFixture.start(pool, "count_then", Value.Whole.of(end)));
            assertNothingLeft();
        }
    }

    @Test
    void state_afterTimeout_isTheSameForTheNextCall() {
        Value first = value(hasty, "count");
        for (int round = 0; round < 3; round++) {
            assertThat(failure(hasty, "count_then", Value.Whole.of(1)).kind())
                    .isEqualTo(CodeFailure.Kind.TIMEOUT);
            assertThat(value(hasty, "count")).isEqualTo(first);
        }
    }

    @Test
    void output_ofMebibytes_doesNotHurt() {
        assertThat(value(pool, "print_mib", Value.Whole.of(50))).isEqualTo(Value.MISSING);
        assertNothingLeft();
    }

    @Test
    void thousandsOfMixedCalls_leaveNoThreadAndNoMemory() {
        List<String> functions =
                List.of("count", "panics", "exits", "nil_pointer", "hoard_mib", "double", "count");
        List<String> threadsBefore = threads();
        for (int round = 0; round < 300; round++) {
            var calls = new ArrayList<CompletableFuture<PoolFixture.Outcome>>();
            for (String function : functions) {
                calls.add(
                        function.equals("count")
                                        || function.equals("panics")
                                        || function.equals("nil_pointer")
                                ? PoolFixture.start(pool, function)
                                : PoolFixture.start(pool, function, Value.Whole.of(round % 5)));
            }
            for (int i = 0; i < calls.size(); i++) {
                PoolFixture.Outcome outcome = await(calls.get(i));
                if (functions.get(i).equals("count")) {
                    assertThat(outcome).isEqualTo(new PoolFixture.Outcome.Returned(firstCount));
                }
            }
        }

        assertThat(threads()).containsExactlyInAnyOrderElementsOf(threadsBefore);
    }

    private void assertNothingLeft() {
        assertThat(value(pool, "count")).isEqualTo(firstCount);
        assertThat(value(pool, "count")).isEqualTo(firstCount);
        assertThat(value(pool, "double", Value.Whole.of(21))).isEqualTo(new Value.Whole(42, true));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("wasm-"))
                .toList();
    }
}
