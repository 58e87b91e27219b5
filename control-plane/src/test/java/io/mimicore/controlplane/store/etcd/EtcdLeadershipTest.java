package io.mimicore.controlplane.store.etcd;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.leader.Leadership;
import io.mimicore.controlplane.leader.LeasedLeadership;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.process.RealEtcd;
import io.mimicore.testkit.process.StallableLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Leadership on a real etcd when the leader is cut off for longer than its lease.
class EtcdLeadershipTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String KEY = new StoreKeys("test").leader("control-plane");

    @TempDir Path directory;

    @Test
    void leader_cutOffPastItsLease_isDeposedBeforeItsSuccessorAndItsWriteOnTheWayChangesNothing()
            throws Exception {
        try (RealEtcd etcd = RealEtcd.start(directory.resolve("data"));
                StallableLink link = StallableLink.to(port(etcd.endpoint()));
                MetadataStore ofFirst = EtcdStores.builder(link.endpoint()).open();
                MetadataStore ofSecond = EtcdStores.builder(etcd.endpoint()).open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = new Candidate();
            var second = new Candidate();
            try (var leading = LeasedLeadership.of(ofFirst, KEY, () -> "first");
                    var waiting = LeasedLeadership.of(ofSecond, KEY, () -> "second")) {
                leading.start(first);
                Fence early = first.elected.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                waiting.start(second);
                write(ofFirst, early, "before");

                link.stall();
                // On the way when the link stalls, and still when the lease is over.
                Future<Boolean> late = threads.submit(() -> write(ofFirst, early, "late"));
                Fence next = second.elected.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(first.deposed)
                        .as("the first knew by its own clock that its lease was over")
                        .isTrue();
                assertThat(next.epoch()).isGreaterThan(early.epoch());
                assertThat(write(ofSecond, next, "of the second")).isTrue();
                link.goOn();

                assertThat(late.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isFalse();
                // Whatever was in the link has arrived once a later call is answered.
                eventually(PATIENCE, () -> assertThat(write(ofFirst, early, "later")).isFalse());
                MetadataStore.Entry entry = ofSecond.get("/mimicore/test/written");
                assertThat(entry).isNotNull();
                assertThat(entry == null ? "" : new String(entry.value(), UTF_8))
                        .isEqualTo("of the second");
            }
        }
    }

    /// Writes under a leadership; false: it did not hold, or nobody has answered.
    private static boolean write(MetadataStore store, Fence fence, String what) {
        try {
            return store.commit(
                            fence.guard(Transaction.builder())
                                    .put("/mimicore/test/written", what.getBytes(UTF_8))
                                    .build())
                    .succeeded();
        } catch (StoreException _) {
            return false;
        }
    }

    private static int port(String endpoint) {
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }

    private static final class Candidate implements Leadership.Listener {
        private final CompletableFuture<Fence> elected = new CompletableFuture<>();
        private final AtomicBoolean deposed = new AtomicBoolean();

        @Override
        public void elected(Fence fence) {
            elected.complete(fence);
        }

        @Override
        public void deposed() {
            deposed.set(true);
        }
    }
}
