package io.mimicore.dataplane.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RunnerTest {
    @Test
    void end_beforeDeadline_wasInTime() {
        var runner = new Runner(Thread.currentThread());
        runner.begin(100);

        assertThat(runner.check(99)).isEqualTo(1);
        assertThat(runner.end()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void end_afterDeadline_wasLateAndClearsTheInterruption() {
        var runner = new Runner(Thread.currentThread());
        runner.begin(100);

        assertThat(runner.check(100)).isEqualTo(Long.MAX_VALUE);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(runner.end()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void check_nothingRuns_doesNotInterrupt() {
        var runner = new Runner(Thread.currentThread());
        runner.begin(100);
        runner.end();

        assertThat(runner.check(1_000)).isEqualTo(Long.MAX_VALUE);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void check_clockPastOverflow_comparesDifferences() {
        var runner = new Runner(Thread.currentThread());
        runner.begin(Long.MIN_VALUE + 10);

        assertThat(runner.check(Long.MAX_VALUE - 5)).isEqualTo(16);
        assertThat(runner.end()).isFalse();
    }

    @Test
    void check_racingWithTheEnd_neverInterruptsAnotherRun() throws InterruptedException {
        var runner = new Runner(Thread.currentThread());
        var stop = new AtomicBoolean();
        var watch =
                new Thread(() -> {
                    while (!stop.get()) {
                        // Even runs are over their deadline, odd ones never.
                        runner.check(1);
                    }
                });
        watch.start();
        int hit = 0;
        for (int run = 0; run < 200_000; run++) {
            boolean isOver = run % 2 == 0;
            runner.begin(isOver ? 0 : Long.MAX_VALUE);
            boolean late = runner.end();
            if (!isOver) {
                hit += late || Thread.currentThread().isInterrupted() ? 1 : 0;
            }
        }
        stop.set(true);
        watch.join();

        assertThat(hit).isZero();
    }
}
