package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A rate limit under twice its rate, while the file that sets it is edited.
///
/// Admitted are `rate` × time + `burst`, within 2 %, by the clock of the client, from its first
/// request to its last answer. The burst is what comes back in a second, so a client that is held
/// up for less than that catches up and loses nothing. `-Dmimicore.rate.seconds=60` makes it long.
class RateLimitTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SECONDS = Integer.getInteger("mimicore.rate.seconds", 5);
    private static final int RATE = 150;
    private static final int BURST = 150;

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        for (int connections : new int[] {1, 64}) {
            workspace.write("rate_" + connections + ".json", config("rate_" + connections, 1));
        }
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static String config(String api, int edit) {
        return "{\"api\":\"%s\",\"version\":\"v2\",\"rate_limit\":{\"requests_per_second\":%d,\"burst\":%d},\"routes\":[{\"method\":\"GET\",\"path\":\"/x\",\"response\":{\"body\":{\"edit\":%d}}}]}"
                .formatted(api, RATE, BURST, edit);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void requests_atTwiceTheRateOverAnEdit_areAdmittedAtTheRate(int connections) throws Exception {
        String api = "rate_" + connections;
        List<RawConnection> warm = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            RawConnection connection = RawConnection.open(program.traffic());
            connection.send(RawRequest.get("nobody.localhost", "/"));
            warm.add(connection);
        }
        Offer offer = new Offer(api, System.nanoTime());
        List<Thread> threads = new ArrayList<>();
        for (RawConnection connection : warm) {
            threads.add(Thread.ofVirtual().start(() -> offer.run(connection)));
        }
        eventually(PATIENCE, () -> assertThat(offer.turn.get()).isGreaterThan(2L * BURST));
        workspace.write(api + ".json", config(api, 2));
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (offer.lastNanos.get() - offer.startNanos) / 1e9;

        assertThat(offer.other.get()).as("answers that are neither 200 nor 429").isZero();
        assertThat(offer.edited.get()).as("answers of the edit").isPositive();
        double law = RATE * seconds + BURST;
        assertThat((double) offer.admitted.get())
                .as("admitted in %.3f s by %d connections", seconds, connections)
                .isCloseTo(law, within(0.02 * law));
        eventually(
                PATIENCE,
                () ->
                        assertThat(
                                        Metrics.of(program)
                                                .sum(
                                                        "mimicore_rate_limited_total",
                                                        List.of("api=\"" + api + "\"")))
                                .isEqualTo((double) offer.refused.get()));
    }

    /// Requests that are each due at a time of their own: first what empties the bucket, because
    /// nothing comes back to one that is full, then twice as many as the limit admits.
    private static final class Offer {
        private final RawRequest request;
        private final long startNanos;
        private final AtomicLong turn = new AtomicLong();
        private final AtomicLong admitted = new AtomicLong();
        private final AtomicLong edited = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private final AtomicLong other = new AtomicLong();
        private final AtomicLong lastNanos = new AtomicLong();

        Offer(String api, long startNanos) {
            this.request = RawRequest.get(api + ".localhost", "/x");
            this.startNanos = startNanos;
        }

        void run(RawConnection connection) {
            try (connection) {
                while (true) {
                    long paced = Math.max(0, turn.getAndIncrement() - BURST);
                    long due = paced * TimeUnit.SECONDS.toNanos(1) / (2 * RATE);
                    if (due >= TimeUnit.SECONDS.toNanos(SECONDS)) {
                        return;
                    }
                    while (System.nanoTime() - startNanos < due) {
                        LockSupport.parkNanos(due - (System.nanoTime() - startNanos));
                    }
                    count(connection.send(request));
                }
            }
        }

        private void count(RawResponse response) {
            lastNanos.accumulateAndGet(System.nanoTime(), Math::max);
            switch (response.status()) {
                case 200 -> {
                    admitted.incrementAndGet();
                    edited.addAndGet(response.body().contains("\"edit\":2") ? 1 : 0);
                }
                case 429 -> refused.incrementAndGet();
                default -> other.incrementAndGet();
            }
        }
    }
}
