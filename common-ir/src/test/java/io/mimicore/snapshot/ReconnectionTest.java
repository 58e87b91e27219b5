package io.mimicore.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ReconnectionTest {
    private static final long STABLE = Reconnection.STABLE.toNanos();
    private static final List<String> ONE = List.of("");
    private static final List<String> THREE = List.of("a:1", "b:1", "c:1");

    @Test
    void failed_againAndAgain_doublesTheRangeUpToTheMost() {
        var bounds = new ArrayList<Long>();
        var reconnection = new Reconnection(ONE, recording(bounds));
        for (int i = 0; i < 40; i++) {
            reconnection.failed(0, 0);
        }

        assertThat(bounds.subList(0, 6))
                .containsExactly(
                        millis(200),
                        millis(400),
                        millis(800),
                        millis(1_600),
                        millis(3_200),
                        millis(6_400));
        assertThat(bounds.subList(6, 40)).containsOnly(Reconnection.MAX.toNanos() + 1);
    }

    @Test
    void failed_drawsFromTheWholeRange() {
        assertThat(new Reconnection(ONE, least()).failed(0, 0)).isZero();
        assertThat(new Reconnection(ONE, most()).failed(0, 0))
                .isEqualTo(Reconnection.FIRST_MAX.toNanos());
    }

    @Test
    void failed_streamWasUpForAWhile_growsOn() {
        var bounds = new ArrayList<Long>();
        var reconnection = new Reconnection(ONE, recording(bounds));
        reconnection.failed(0, 0);
        reconnection.failed(STABLE - 1, 0);

        assertThat(bounds).containsExactly(millis(200), millis(400));
    }

    @Test
    void failed_streamWasStable_beginsAnew() {
        var bounds = new ArrayList<Long>();
        var reconnection = new Reconnection(ONE, recording(bounds));
        reconnection.failed(0, 0);
        reconnection.failed(0, 0);
        reconnection.failed(STABLE, 0);

        assertThat(bounds.getLast()).isEqualTo(millis(200));
    }

    @Test
    void failed_controlPlaneAsksToWait_waitsThatLongAtLeast() {
        long asked = Duration.ofSeconds(3).toNanos();

        assertThat(new Reconnection(ONE, least()).failed(0, asked)).isEqualTo(asked);
        assertThat(new Reconnection(ONE, most()).failed(0, asked))
                .isEqualTo(asked + Reconnection.FIRST_MAX.toNanos());
    }

    @Test
    void failed_controlPlaneAsksForMoreThanAllowed_waitsTheMost() {
        long most = Reconnection.ASKED_MAX.toNanos();

        assertThat(new Reconnection(ONE, least()).failed(0, most + 1)).isEqualTo(most);
        assertThat(new Reconnection(ONE, least()).failed(0, -1)).isZero();
    }

    @Test
    void failed_severalControlPlanes_triesThemInTurnBeforeTheWaitGrows() {
        var bounds = new ArrayList<Long>();
        var reconnection = new Reconnection(THREE, recording(bounds));
        var tried = new ArrayList<Integer>();
        for (int i = 0; i < 6; i++) {
            tried.add(reconnection.target());
            reconnection.failed(0, 0);
        }

        assertThat(tried).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(bounds)
                .containsExactly(
                        millis(200),
                        millis(200),
                        millis(200),
                        millis(400),
                        millis(400),
                        millis(400));
    }

    @Test
    void told_aPeerOfTheList_goesThereWhenAsked() {
        var reconnection = new Reconnection(THREE, least());

        assertThat(reconnection.told("c:1", 70)).isEqualTo(70);
        assertThat(reconnection.target()).isEqualTo(2);
    }

    @Test
    void told_noPeerOrAnUnknownOne_goesToTheNext() {
        var reconnection = new Reconnection(THREE, least());

        reconnection.told("", 0);
        assertThat(reconnection.target()).isEqualTo(1);
        reconnection.told("elsewhere:1", 0);
        assertThat(reconnection.target()).isEqualTo(2);
    }

    @Test
    void told_longerThanAllowed_waitsTheMost() {
        var reconnection = new Reconnection(ONE, least());

        assertThat(reconnection.told("", Long.MAX_VALUE))
                .isEqualTo(Reconnection.ASKED_MAX.toNanos());
        assertThat(reconnection.told("", -1)).isEqualTo(Reconnection.ASKED_MAX.toNanos());
    }

    @Test
    void told_doesNotCountAsAFailure() {
        var bounds = new ArrayList<Long>();
        var reconnection = new Reconnection(ONE, recording(bounds));
        reconnection.told("", 0);
        reconnection.failed(0, 0);

        assertThat(bounds).containsExactly(millis(200));
    }

    @Test
    void target_ofManyNodes_isSpreadOverTheControlPlanes() {
        var random = new Random(5);
        var begun = new ArrayList<Integer>();
        for (int i = 0; i < 3_000; i++) {
            begun.add(new Reconnection(THREE, random).target());
        }

        for (int place = 0; place < THREE.size(); place++) {
            assertThat(Collections.frequency(begun, place)).as("seed 5").isBetween(850, 1_150);
        }
    }

    @Test
    void reconnection_withoutAControlPlane_isRefused() {
        assertThatThrownBy(() -> new Reconnection(List.of(), least()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
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

    /// Draws nothing but bounded numbers, and begins at the first control plane.
    private abstract static class FixedRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            throw new AssertionError("an unbounded number is drawn");
        }

        @Override
        public int nextInt(int bound) {
            return 0;
        }

        @Override
        public abstract long nextLong(long bound);
    }
}
