package io.mimicore.dataplane.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.RateLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenBucketTest {
    private final ManualTicker ticker = new ManualTicker();

    @Test
    void tryAcquire_full_admitsTheBurstAndNoMore() {
        var bucket = new TokenBucket(new RateLimit(10, 3), ticker);

        assertThat(List.of(bucket.tryAcquire(), bucket.tryAcquire(), bucket.tryAcquire()))
                .containsOnly(0L);
        assertThat(bucket.tryAcquire()).isEqualTo(100_000_000);
        ticker.advanceMillis(60);
        assertThat(bucket.tryAcquire()).isEqualTo(40_000_000);
        ticker.advanceMillis(40);
        assertThat(bucket.tryAcquire()).isZero();
        assertThat(bucket.tryAcquire()).isPositive();
    }

    @Test
    void tryAcquire_longIdle_keepsAtMostTheBurst() {
        var bucket = new TokenBucket(new RateLimit(10, 2), ticker);
        ticker.advance(Long.MAX_VALUE / 4);

        assertThat(bucket.tokens()).isEqualTo(2);
        assertThat(bucket.tryAcquire()).isZero();
        assertThat(bucket.tryAcquire()).isZero();
        assertThat(bucket.tryAcquire()).isPositive();
    }

    @Test
    void tryAcquire_extremeLimits_doNotOverflow() {
        var slow = new TokenBucket(new RateLimit(1e-12, Integer.MAX_VALUE), ticker);
        var fast = new TokenBucket(new RateLimit(1e12, 1), ticker);

        assertThat(slow.tryAcquire()).isZero();
        assertThat(fast.tryAcquire()).isZero();
        ticker.advance(1);
        assertThat(fast.tryAcquire()).isZero();
    }

    @Test
    void withLimit_otherBurst_keepsTokensClipped() {
        var bucket = new TokenBucket(new RateLimit(1, 10), ticker);
        for (int i = 0; i < 4; i++) {
            assertThat(bucket.tryAcquire()).isZero();
        }

        assertThat(bucket.withLimit(new RateLimit(100, 20)).tokens()).isEqualTo(6);
        assertThat(bucket.withLimit(new RateLimit(100, 3)).tokens()).isEqualTo(3);
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void tryAcquire_generatedTimes_equalsTheDefinition(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        long intervalNanos = 1 + random.nextLong(2_000_000_000L);
        int burst = 1 + random.nextInt(50);
        var bucket = new TokenBucket(new RateLimit(1e9 / intervalNanos, burst), ticker);
        // The definition, in nano-tokens: `intervalNanos` of them are one token.
        long full = intervalNanos * burst;
        long tokens = full;

        for (int i = 0; i < 500; i++) {
            long step = random.nextInt(3) == 0 ? 0 : random.nextLong(2 * intervalNanos);
            ticker.advance(step);
            tokens = Math.min(full, tokens + step);
            long wait = bucket.tryAcquire();
            if (tokens >= intervalNanos) {
                tokens -= intervalNanos;
                assertThat(wait).isZero();
            } else {
                assertThat(wait).isEqualTo(intervalNanos - tokens);
            }
            assertThat(bucket.tokens()).isEqualTo((int) (tokens / intervalNanos));
        }
    }

    @Test
    void tryAcquire_manyThreads_admitTheBurstTogether() throws InterruptedException {
        var bucket = new TokenBucket(new RateLimit(1, 1_000), ticker);
        var admitted = new AtomicInteger();
        var start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                awaitStart(start);
                                for (int j = 0; j < 1_000; j++) {
                                    if (bucket.tryAcquire() == 0) {
                                        admitted.incrementAndGet();
                                    }
                                }
                            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(admitted).hasValue(1_000);
    }

    private static void awaitStart(CountDownLatch start) {
        try {
            start.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
