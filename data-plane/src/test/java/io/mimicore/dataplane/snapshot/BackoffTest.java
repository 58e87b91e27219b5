package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final long STABLE = Backoff.STABLE.toNanos();

    @Test
    void next_failsAgainAndAgain_doublesTheRangeUpToTheMost() {
        var bounds = new ArrayList<Long>();
        var backoff = new Backoff(recording(bounds));
        for (int i = 0; i < 40; i++) {
            backoff.nextNanos(0, 0);
        }

        assertThat(bounds.subList(0, 6))
                .containsExactly(
                        millis(200),
                        millis(400),
                        millis(800),
                        millis(1_600),
                        millis(3_200),
                        millis(6_400));
        assertThat(bounds.subList(6, 40)).containsOnly(Backoff.MAX.toNanos() + 1);
    }

    @Test
    void next_drawsFromTheWholeRange() {
        assertThat(new Backoff(least()).nextNanos(0, 0)).isZero();
        assertThat(new Backoff(most()).nextNanos(0, 0)).isEqualTo(Backoff.FIRST_MAX.toNanos());
    }

    @Test
    void next_streamWasUpForAWhile_growsOn() {
        var bounds = new ArrayList<Long>();
        var backoff = new Backoff(recording(bounds));
        backoff.nextNanos(0, 0);
        backoff.nextNanos(STABLE - 1, 0);

        assertThat(bounds).containsExactly(millis(200), millis(400));
    }

    @Test
    void next_streamWasStable_beginsAnew() {
        var bounds = new ArrayList<Long>();
        var backoff = new Backoff(recording(bounds));
        backoff.nextNanos(0, 0);
        backoff.nextNanos(0, 0);
        backoff.nextNanos(STABLE, 0);

        assertThat(bounds.getLast()).isEqualTo(millis(200));
    }

    @Test
    void next_controlPlaneAsksToWait_waitsThatLongAtLeast() {
        long asked = Duration.ofSeconds(3).toNanos();

        assertThat(new Backoff(least()).nextNanos(0, asked)).isEqualTo(asked);
        assertThat(new Backoff(most()).nextNanos(0, asked))
                .isEqualTo(asked + Backoff.FIRST_MAX.toNanos());
    }

    /// The exclusive bound that belongs to a largest wait.
    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos() + 1;
    }

    private static RandomGenerator recording(List<Long> bounds) {
        return new FixedRandom() {
            @Override
            public long nextLong(long bound) {
                bounds.add(bound);
                return 0;
            }
        };
    }

    private static RandomGenerator least() {
        return new FixedRandom() {
            @Override
            public long nextLong(long bound) {
                return 0;
            }
        };
    }

    private static RandomGenerator most() {
        return new FixedRandom() {
            @Override
            public long nextLong(long bound) {
                return bound - 1;
            }
        };
    }

    /// Draws nothing but bounded numbers.
    private abstract static class FixedRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            throw new AssertionError("an unbounded number is drawn");
        }

        @Override
        public abstract long nextLong(long bound);
    }
}
