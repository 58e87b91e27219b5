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
import io.mimicore.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many calls at once, and pools that close under them.
class BusyPoolTest {
    private static final int LONG_MILLIS = 600_000;

    private final PoolFixture node = new PoolFixture();

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void call_allInstancesBusy_waitsAndThenFailsAsBusy() throws PrepareException {
        try (CodePool pool = node.playground(1_500, 1)) {
            CompletableFuture<PoolFixture.Outcome> hog = PoolFixture.start(pool, "spin");

            assertThat(failure(pool, "double", Value.Whole.of(1)))
                    .isEqualTo(
                            new CodeFailure(
                                    CodeFailure.Kind.BUSY,
                                    "double",
                                    "double: no instance was free within 1000 ms"
                                            + " (of at most 1)"));
            await(hog);
            assertThat(value(pool, "double", Value.Whole.of(1)))
                    .isEqualTo(new Value.Whole(2, true));
        }
    }

    @Test
    void call_instanceFreeInTime_isRun() throws PrepareException {
        try (CodePool pool = node.playground(LONG_MILLIS, 1)) {
            CompletableFuture<PoolFixture.Outcome> first =
                    PoolFixture.start(pool, "busy_ms", Value.Whole.of(50));
            CompletableFuture<PoolFixture.Outcome> second =
                    PoolFixture.start(pool, "double", Value.Whole.of(4));

            assertThat(await(second))
                    .isEqualTo(new PoolFixture.Outcome.Returned(new Value.Whole(8, true)));
            assertThat(first).isDone();
        }
    }

    /// The wait was bounded by the code's own deadline, which a stall of a busy machine is longer
    /// than: a call that takes no time failed since others had taken theirs.
    @Test
    void call_instanceFreeLaterThanItsOwnDeadline_isRun() throws PrepareException {
        try (CodePool pool = node.playground(150, 1)) {
            CompletableFuture<PoolFixture.Outcome> first = PoolFixture.start(pool, "spin");
            CompletableFuture<PoolFixture.Outcome> second = PoolFixture.start(pool, "spin");

            assertThat(value(pool, "nothing")).isEqualTo(Value.MISSING);
            assertThat(first).isDone();
            assertThat(second).isDone();
        }
    }

    @Test
    void call_queueFull_failsAtOnceOnTheCallersThread() throws PrepareException {
        try (CodePool pool = node.playground(3_000, 1)) {
            CompletableFuture<PoolFixture.Outcome> hog = PoolFixture.start(pool, "spin");
            var calls = new ArrayList<CompletableFuture<PoolFixture.Outcome>>();
            for (int i = 0; i < 20; i++) {
                calls.add(PoolFixture.start(pool, "double", Value.Whole.of(i)));
            }
            long refused = calls.stream().filter(CompletableFuture::isDone).count();

            // The hog runs or waits for a thread: one more may wait in the second case.
            assertThat(20 - refused)
                    .isBetween(
                            (long) WasmCodePool.WAITING_PER_INSTANCE,
                            WasmCodePool.WAITING_PER_INSTANCE + 1L);
            await(hog);
            calls.forEach(PoolFixture::await);
        }
    }

    @Test
    void call_otherPoolHogsOneThread_isRunOnTheOther() throws PrepareException {
        try (CodePool hogs = node.playground(2_000, 1);
                CodePool pool = node.playground(LONG_MILLIS, 1)) {
            CompletableFuture<PoolFixture.Outcome> hog = PoolFixture.start(hogs, "spin");
            for (int i = 0; i < 10; i++) {
                value(pool, "nothing");
            }

            assertThat(hog).isNotDone();
            await(hog);
        }
    }

    /// Two threads had all the turns: whoever held both until its deadlines starved the others.
    @Test
    void call_otherPoolsHogMoreThreadsThanPlaces_isRunAllTheSame() throws PrepareException {
        try (CodePool first = node.playground(LONG_MILLIS, 4);
                CodePool second = node.playground(LONG_MILLIS, 4);
                CodePool pool = node.playground(LONG_MILLIS, 1)) {
            List<CompletableFuture<PoolFixture.Outcome>> hogs = new ArrayList<>();
            for (CodePool hostile : List.of(first, second)) {
                for (int i = 0; i < 4; i++) {
                    hogs.add(PoolFixture.start(hostile, "busy_ms", Value.Whole.of(2_000)));
                }
            }
            for (int i = 0; i < 20; i++) {
                assertThat(value(pool, "double", Value.Whole.of(i)))
                        .isEqualTo(new Value.Whole(2L * i, true));
            }

            assertThat(hogs).anyMatch(hog -> !hog.isDone());
            hogs.forEach(PoolFixture::await);
        }
    }

    @Test
    void call_slowFunctionOfTheSamePoolIsBusy_isRunBesideIt() throws PrepareException {
        try (CodePool pool = node.playground(LONG_MILLIS, 4)) {
            await(PoolFixture.start(pool, "busy_ms", Value.Whole.of(200)));
            List<CompletableFuture<PoolFixture.Outcome>> hogs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                hogs.add(PoolFixture.start(pool, "busy_ms", Value.Whole.of(700)));
            }

            // The hogs came first, and wait for each other; this one does not wait for them.
            assertThat(value(pool, "double", Value.Whole.of(4)))
                    .isEqualTo(new Value.Whole(8, true));
            assertThat(hogs).noneMatch(CompletableFuture::isDone);
            hogs.forEach(PoolFixture::await);
        }
    }

    @Test
    void calls_fromManyThreads_allGetTheirOwnAnswer() throws Exception {
        int threads = 8;
        int rounds = 200;
        var wrong = new AtomicInteger();
        var done = new CountDownLatch(threads);
        try (CodePool pool = node.playground(LONG_MILLIS, 2)) {
            for (int t = 0; t < threads; t++) {
                int base = t * rounds;
                Thread.ofVirtual()
                        .start(() -> {
                            for (int i = base; i < base + rounds; i++) {
                                // Never more than the queue takes: 8 callers, 2 + 8 places.
                                if (!echoes(pool, i)) {
                                    wrong.incrementAndGet();
                                }
                            }
                            done.countDown();
                        });
            }

            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).hasValue(0);
        }
    }

    private static boolean echoes(CodePool pool, int number) {
        var text = new Value.Text("text " + number + " é".repeat(number % 50));
        PoolFixture.Outcome echo = await(PoolFixture.start(pool, "echo", text));
        return echo instanceof PoolFixture.Outcome.Returned(Value.Raw(byte[] bytes))
                && new String(bytes, UTF_8).equals(text.value());
    }

    @Test
    void deadlines_thatRaceWithTheEnd_neverHitTheNextCall() throws PrepareException {
        try (CodePool hasty = node.playground(10, 2);
                CodePool pool = node.playground(LONG_MILLIS, 2)) {
            var outcomes = new ArrayList<CompletableFuture<PoolFixture.Outcome>>();
            for (int i = 0; i < 150; i++) {
                outcomes.add(PoolFixture.start(hasty, "busy_ms", Value.Whole.of(9 + i % 3)));
                // Runs on the thread that was, or was nearly, interrupted.
                assertThat(value(pool, "double", Value.Whole.of(i)))
                        .isEqualTo(new Value.Whole(2L * i, true));
                await(outcomes.getLast());
            }

            List<CodeFailure.Kind> kinds =
                    outcomes.stream()
                            .map(PoolFixture::await)
                            .filter(PoolFixture.Outcome.Failed.class::isInstance)
                            .map(outcome -> ((PoolFixture.Outcome.Failed) outcome).failure().kind())
                            .distinct()
                            .toList();
            assertThat(kinds).isSubsetOf(CodeFailure.Kind.TIMEOUT, CodeFailure.Kind.BUSY);
        }
    }

    @Test
    void close_whileACallRuns_letsItEndAndTakesNoMore() throws PrepareException {
        CodePool pool = node.playground(LONG_MILLIS, 1);
        CompletableFuture<PoolFixture.Outcome> running =
                PoolFixture.start(pool, "busy_ms", Value.Whole.of(100));
        CompletableFuture<PoolFixture.Outcome> waiting =
                PoolFixture.start(pool, "double", Value.Whole.of(2));
        pool.close();

        assertThat(failure(pool, "double", Value.Whole.of(1)).kind())
                .isEqualTo(CodeFailure.Kind.BUSY);
        assertThat(await(running)).isInstanceOf(PoolFixture.Outcome.Returned.class);
        assertThat(await(waiting))
                .isEqualTo(new PoolFixture.Outcome.Returned(new Value.Whole(4, true)));
        Eventually.eventually(
                Duration.ofSeconds(10), () -> assertThat(node.pools.memoryBytes()).isZero());
    }

    @Test
    void completion_thatThrows_losesNoInstance() throws PrepareException {
        try (CodePool pool = node.playground(LONG_MILLIS, 1)) {
            for (int i = 0; i < 4; i++) {
                pool.call(
                        PlaygroundFunctions.index("nothing"), List.of(), new ThrowingCompletion());
            }

            assertThat(value(pool, "nothing")).isEqualTo(Value.MISSING);
        }
    }

    private static final class ThrowingCompletion implements CodePool.Completion {
        @Override
        public void completed(Value result) {
            throw new IllegalStateException("thrown by the test");
        }

        @Override
        public void failed(CodeFailure failure) {
            throw new IllegalStateException("thrown by the test");
        }
    }
}
