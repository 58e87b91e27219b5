package io.mimicore.controlplane.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong now = new AtomicLong(-5);
    private final TokenBucket bucket = new TokenBucket(10, 20, now::get);

    @Test
    void take_upToTheReserve_isGranted() {
        for (int i = 0; i < 20; i++) {
            assertThat(bucket.tryTake(1)).isZero();
        }

        assertThat(bucket.tryTake(1)).isPositive();
    }

    @Test
    void take_crowdThatIsTurnedAway_isToldTimesAsFarApartAsTheRate() {
        exhaust();
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waits.add(bucket.tryTake(1));
        }

        for (int i = 0; i < 50; i++) {
            assertThat(waits.get(i)).isCloseTo((i + 1) * SECOND / 10, within(1_000));
        }
    }

    @Test
    void take_atTheTimesThatWereTold_isGranted() {
        exhaust();
        long start = now.get();
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waits.add(bucket.tryTake(1));
        }

        for (long wait : waits) {
            // A little later than told, as the arithmetic has rounding errors.
            now.set(start + wait + 1_000);
            assertThat(bucket.tryTake(1)).isZero();
        }
    }

    @Test
    void take_crowdIsLongGone_isToldOfNoOneElse() {
        exhaust();
        for (int i = 0; i < 5; i++) {
            bucket.tryTake(1);
        }
        now.addAndGet(10 * SECOND);
        exhaust();

        assertThat(bucket.tryTake(1)).isCloseTo(SECOND / 10, within(1_000));
    }

    private void exhaust() {
        for (int i = 0; i < 20; i++) {
            assertThat(bucket.tryTake(1)).isZero();
        }
    }

    private static org.assertj.core.data.Offset<Long> within(long nanos) {
        return org.assertj.core.data.Offset.offset(nanos);
    }
}
