package io.mimicore.controlplane.store.etcd;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.store.etcd.FakeEtcd.KeepAliveStream;
import io.mimicore.store.MetadataStore.Lease;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A lease against a server that does what servers should not.
class EtcdLeaseTest {
    private static final long PATIENCE_SECONDS = 20;

    private final FakeEtcd etcd = FakeEtcd.start();
    private final AtomicLong paused = new AtomicLong();
    private final EtcdMetadataStore store =
            etcd.store().nanoTime(() -> System.nanoTime() + paused.get()).open();
    private final CountDownLatch lost = new CountDownLatch(1);

    @AfterEach
    void close() {
        store.close();
        etcd.close();
    }

    @Test
    void renewals_keepItAlive() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(1));
        KeepAliveStream stream = etcd.keepAliveStream();
        for (int i = 0; i < 6; i++) {
            stream.request();
            assertThat(lease.isAlive()).isTrue();
            stream.renewed(1);
        }
        assertThat(lost.getCount()).isEqualTo(1);
    }

    @Test
    void expiry_toldByTheServer_isTheLossAtOnce() throws Exception {
        Lease lease = leaseOf(Duration.ofMinutes(10));
        // So long a lease is renewed late; the clock brings its time near.
        paused.addAndGet(TimeUnit.SECONDS.toNanos(200));
        assertThat(lease.isAlive()).isTrue();
        lease.close();
        assertThat(etcd.revoked()).containsExactly(42L);

        Lease second = leaseOf(Duration.ofSeconds(1));
        KeepAliveStream stream = etcd.keepAliveStream();
        stream.request();
        stream.renewed(0);

        awaitLoss();
        assertThat(second.isAlive()).isFalse();
    }

    @Test
    void server_thatAnswersNothing_isTheLossBeforeTheTimeToLiveIsOver() throws Exception {
        long before = System.nanoTime();
        Lease lease = leaseOf(Duration.ofSeconds(2));
        KeepAliveStream stream = etcd.keepAliveStream();
        stream.request();

        awaitLoss();
        assertThat(lease.isAlive()).isFalse();
        assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofMillis(1_700).toNanos());
    }

    @Test
    void pause_longerThanTheLease_isNoticedWithoutTheServer() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(2));
        KeepAliveStream stream = etcd.keepAliveStream();
        stream.request();
        // Sent before the pause, answered during it: the answer counts from when it was asked for.
        paused.addAndGet(Duration.ofSeconds(3).toNanos());
        stream.renewed(2);

        assertThat(lease.isAlive()).isFalse();
        awaitLoss();
        assertThat(lease.isAlive()).isFalse();
    }

    @Test
    void stream_endedCleanly_isOpenedAgain() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(2));
        KeepAliveStream first = etcd.keepAliveStream();
        first.request();
        first.answers().onCompleted();

        KeepAliveStream second = etcd.keepAliveStream();
        second.request();
        second.renewed(2);
        second.request();
        assertThat(lease.isAlive()).isTrue();
    }

    @Test
    void lateAnswer_ofAnEarlierStream_doesNotCount() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(2));
        KeepAliveStream first = etcd.keepAliveStream();
        first.request();
        // Not answered in its time: the lease goes on with another stream.
        KeepAliveStream second = etcd.keepAliveStream();
        second.request();
        first.renewed(60);

        awaitLoss();
        assertThat(lease.isAlive()).isFalse();
    }

    @Test
    void onLost_afterTheLoss_isRunAtOnce() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(1));
        KeepAliveStream stream = etcd.keepAliveStream();
        stream.request();
        stream.renewed(0);
        awaitLoss();

        var late = new CountDownLatch(1);
        lease.onLost(late::countDown);
        assertThat(late.getCount()).isZero();
    }

    @Test
    void close_ofALostLease_stillFreesItsKeys() throws Exception {
        Lease lease = leaseOf(Duration.ofSeconds(2));
        paused.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(lease.isAlive()).isFalse();
        awaitLoss();
        lease.close();
        eventually(
                Duration.ofSeconds(PATIENCE_SECONDS),
                () -> assertThat(etcd.revoked()).containsExactly(42L));
    }

    private Lease leaseOf(Duration ttl) {
        Lease lease = store.lease(ttl);
        lease.onLost(lost::countDown);
        return lease;
    }

    private void awaitLoss() throws InterruptedException {
        assertThat(lost.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
}
