package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which of the waiting calls begins, with a clock of the test's own.
class CallQueueTest {
    private static final long LONG = 100 * Runners.SHORT_NANOS_MAX;
    private static final int QUICK = 0;
    private static final int SLOW = 1;

    private final CallQueue queue = new CallQueue(2, 4, 1);
    private PoolFixture node;
    private WasmCodePool pool;
    private long now;

    @BeforeEach
    void start() throws PrepareException {
        node = new PoolFixture();
        pool = (WasmCodePool) node.playground(1_000);
    }

    @AfterEach
    void stop() {
        pool.close();
        node.close();
    }

    @Test
    void begin_functionsAreQuick_keepsTheOrderOfArrival() {
        PendingCall first = add(QUICK);
        PendingCall second = add(SLOW);

        assertThat(queue.begin()).isSameAs(first);
        assertThat(queue.begin()).isSameAs(second);
        assertThat(queue.begin()).isNull();
        assertThat(queue.running()).isEqualTo(2);
    }

    @Test
    void begin_asManyAsMayRun_runsNoMore() {
        for (int i = 0; i < 4; i++) {
            add(QUICK);
            queue.begin();
        }
        add(QUICK);

        assertThat(queue.isStartable()).isFalse();
        assertThat(queue.begin()).isNull();
    }

    @Test
    void begin_slowOneRuns_passesTheOtherSlowOnes() {
        makeSlow();
        PendingCall running = add(SLOW);
        assertThat(queue.begin()).isSameAs(running);
        PendingCall waiting = add(SLOW);
        PendingCall quick = add(QUICK);

        assertThat(queue.begin()).isSameAs(quick);
        assertThat(queue.isStartable()).isFalse();
        queue.end(running, LONG);
        assertThat(queue.begin()).isSameAs(waiting);
    }

    @Test
    void becomesLong_asManyAsMayBe_letsTheFunctionsOtherCallsWait() {
        PendingCall running = add(SLOW);
        queue.begin();
        PendingCall waiting = add(SLOW);
        PendingCall quick = add(QUICK);
        queue.becomesLong(running);
        queue.becomesLong(running);

        assertThat(queue.begin()).isSameAs(quick);
        assertThat(queue.begin()).isNull();
        queue.end(running, LONG);
        assertThat(queue.begin()).isSameAs(waiting);
    }

    @Test
    void becomesLong_callHasEnded_changesNothing() {
        PendingCall call = add(QUICK);
        queue.begin();
        queue.end(call, 1);
        queue.becomesLong(call);
        PendingCall next = add(QUICK);

        assertThat(queue.begin()).isSameAs(next);
        assertThat(next.isSlowRun).isFalse();
    }

    @Test
    void function_quickAgain_isNoLongerSlow() {
        makeSlow();
        for (int i = 0; i < 60; i++) {
            PendingCall call = add(SLOW);
            assertThat(queue.begin()).isSameAs(call);
            queue.end(call, 1_000);
        }
        add(SLOW);
        PendingCall second = add(SLOW);
        queue.begin();

        assertThat(queue.begin()).isSameAs(second);
    }

    @Test
    void expire_takesThoseThatCameBefore_andTellsTheOldestOfTheRest() {
        makeSlow();
        PendingCall first = add(QUICK);
        PendingCall second = add(SLOW);
        PendingCall third = add(QUICK);

        assertThat(queue.expire(second.sinceNanos())).containsExactlyInAnyOrder(first, second);
        assertThat(queue.oldest(now)).isEqualTo(third.sinceNanos());
        assertThat(queue.expire(now)).containsExactly(third);
        assertThat(queue.oldest(now)).isEqualTo(now);
    }

    @Test
    void anyMix_neverRunsMoreThanItMay_andRunsEveryCall() {
        long seed = 20_251_124L;
        Random random = new Random(seed);
        List<PendingCall> running = new java.util.ArrayList<>();
        int added = 0;
        int ended = 0;
        for (int step = 0; step < 20_000 || ended < added; step++) {
            if (step < 20_000 && random.nextInt(3) == 0) {
                add(random.nextInt(2));
                added++;
            }
            PendingCall begun = queue.begin();
            if (begun != null) {
                running.add(begun);
            }
            assertThat(running.size()).as("seed %d, step %d", seed, step).isBetween(0, 4);
            if (!running.isEmpty() && random.nextBoolean()) {
                PendingCall call = running.get(random.nextInt(running.size()));
                if (random.nextInt(4) == 0) {
                    queue.becomesLong(call);
                } else {
                    running.remove(call);
                    queue.end(call, call.function() == SLOW ? LONG : 1_000);
                    ended++;
                }
            }
        }

        assertThat(queue.running()).as("seed %d", seed).isZero();
        assertThat(queue.waiting()).as("seed %d", seed).isZero();
    }

    private void makeSlow() {
        PendingCall call = add(SLOW);
        queue.begin();
        queue.end(call, LONG);
    }

    private PendingCall add(int function) {
        var call = new PendingCall(pool, function, List.of(), new NoCompletion(), ++now);
        queue.add(call);
        return call;
    }

    private static final class NoCompletion implements CodePool.Completion {
        @Override
        public void completed(Value result) {
            throw new AssertionError("completed: " + result);
        }

        @Override
        public void failed(CodeFailure failure) {
            throw new AssertionError("failed: " + failure);
        }
    }
}
