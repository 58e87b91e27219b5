package io.mimicore.controlplane.store.etcd;

import static io.mimicore.controlplane.store.etcd.FakeEtcd.header;
import static io.mimicore.controlplane.store.etcd.FakeEtcd.keyValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.store.MetadataStore.Outcome;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreFullException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Single calls against a server that fails.
class EtcdCallsTest {
    private static final Transaction PUT = Transaction.builder().put("/k", new byte[] {1}).build();

    private final FakeEtcd etcd = FakeEtcd.start();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final EtcdMetadataStore store = etcd.store().meters(meters).open();

    @AfterEach
    void close() {
        store.close();
        etcd.close();
    }

    @Test
    void read_thatFailed_isTriedAgain() {
        etcd.content(keyValue("/k", "v", 3));
        etcd.failNext(Status.UNAVAILABLE.withDescription("etcdserver: leader changed"));
        assertThat(store.get("/k")).isNotNull();
        assertThat(etcd.ranges()).hasSize(2);
    }

    @Test
    void transaction_thatMayHaveTakenEffect_isNotRepeated() {
        etcd.failNext(Status.UNAVAILABLE.withDescription("etcdserver: request timed out"));
        assertThatThrownBy(() -> store.commit(PUT))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("/k")
                .hasMessageContaining("request timed out");
        assertThat(etcd.transactions()).hasSize(1);
    }

    @Test
    void transaction_thatNeverLeft_isTriedWithTheNextMember() {
        try (FakeEtcd living = FakeEtcd.start();
                var both =
                        EtcdMetadataStore.builder(
                                        List.of("dead:1", "living:1"),
                                        endpoint ->
                                                endpoint.startsWith("dead")
                                                        ? EtcdStores.channel("127.0.0.1:1")
                                                        : living.channel())
                                // Begins with the first of both.
                                .random(new Fixed())
                                .open()) {
            Outcome outcome = both.commit(PUT);
            assertThat(outcome.succeeded()).isTrue();
            assertThat(living.transactions()).hasSize(1);
        }
    }

    @Test
    void interruptedCaller_getsItsAnswerAndKeepsTheInterrupt() {
        etcd.failNext(Status.UNAVAILABLE);
        Thread.currentThread().interrupt();
        assertThat(store.get("/k")).isNull();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void fullStore_hasItsOwnFailureAndIsReportedUntilAWriteSucceeds() {
        etcd.failNext(
                Status.RESOURCE_EXHAUSTED.withDescription(
                        "etcdserver: mvcc: database space exceeded"));
        assertThatThrownBy(() -> store.commit(PUT))
                .isInstanceOf(StoreFullException.class)
                .hasMessageContaining("quota");
        assertThat(gauge("mimicore_store_full")).isEqualTo(1);
        assertThat(store.get("/k")).isNull();
        assertThat(gauge("mimicore_store_full")).isEqualTo(1);

        assertThat(store.commit(PUT).succeeded()).isTrue();
        assertThat(gauge("mimicore_store_full")).isZero();
    }

    @Test
    void requestTooLargeForThisEtcd_isTheCallersMistake() {
        etcd.failNext(Status.INVALID_ARGUMENT.withDescription("etcdserver: request is too large"));
        assertThatThrownBy(() -> store.commit(PUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--max-request-bytes");
    }

    @Test
    void listing_compactedBetweenTwoPages_isBegunAnew() {
        etcd.content(keyValue("/k/a", "v", 3));
        etcd.failNext(
                Status.OUT_OF_RANGE.withDescription(
                        "etcdserver: mvcc: required revision has been compacted"));
        assertThat(store.list("/k/").entries()).hasSize(1);
        assertThat(etcd.ranges()).hasSize(2);
    }

    @Test
    void unreachable_isToldByAGaugeAndAMessageWithTheMembers() {
        var own = new SimpleMeterRegistry();
        try (var dead =
                EtcdMetadataStore.builder(List.of("127.0.0.1:1"), EtcdStores::channel)
                        .timing(
                                new EtcdTiming(
                                        Duration.ofMillis(300),
                                        Duration.ofMillis(50),
                                        Duration.ofSeconds(1)))
                        .meters(own)
                        .open()) {
            assertThatThrownBy(() -> dead.get("/k"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("127.0.0.1:1");
            assertThat(own.get("mimicore_store_unreachable_seconds").gauge().value()).isPositive();
        }
    }

    @Test
    void history_olderAnswerOfACallBegunEarlier_isNoReplacement() {
        var history = new SeenHistory();
        assertThat(history.see(null, header(1, 10, 1))).isNull();
        SeenHistory.Moment before = history.newest();
        assertThat(history.see(before, header(1, 12, 2))).isNull();
        // Begun at the same time, answered by a slower member.
        assertThat(history.see(before, header(1, 11, 1))).isNull();
        assertThat(history.newest()).isEqualTo(new SeenHistory.Moment(0, 1, 12, 2));

        assertThat(history.see(history.newest(), header(1, 9, 2)))
                .contains("revision 12")
                .contains("revision 9");
        assertThat(history.number()).isEqualTo(1);
        // What the old cluster still answers counts no more.
        assertThat(history.see(before, header(1, 13, 2))).isNull();
        assertThat(history.newest()).isEqualTo(new SeenHistory.Moment(1, 1, 9, 2));
    }

    @Test
    void jitter_drawsFromABoundThatDoublesUpToTheLongestAndBeginsAnewAfterSuccess() {
        var jitter = new FullJitter(new Fixed(), Duration.ofMillis(100), Duration.ofSeconds(5));
        assertThat(millis(jitter)).isEqualTo(100);
        assertThat(millis(jitter)).isEqualTo(200);
        assertThat(millis(jitter)).isEqualTo(400);
        // An hour of failures.
        long waited = 0;
        for (int i = 0; i < 720; i++) {
            long wait = millis(jitter);
            assertThat(wait).isBetween(0L, 5_000L);
            waited += wait;
        }
        assertThat(waited).isGreaterThan(Duration.ofMinutes(59).toMillis());
        jitter.reset();
        assertThat(millis(jitter)).isEqualTo(100);

        long seed = 7;
        var random =
                new FullJitter(new Random(seed), Duration.ofMillis(100), Duration.ofSeconds(5));
        assertThat(
                        java.util.stream.LongStream.generate(() -> millis(random))
                                .limit(200)
                                .filter(wait -> wait < 2_500)
                                .count())
                .as("waits of less than half the bound, seed %d", seed)
                .isBetween(60L, 140L);
    }

    private static long millis(FullJitter jitter) {
        return TimeUnit.NANOSECONDS.toMillis(jitter.nextNanos());
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    /// Draws the first index and the longest wait.
    private static final class Fixed implements java.util.random.RandomGenerator {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public int nextInt(int bound) {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    }
}
