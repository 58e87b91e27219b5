package io.mimicore.controlplane.leader;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.controlplane.FaultyStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeasedLeadershipTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String KEY = new StoreKeys("test").leader("control-plane");

    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final AtomicInteger leading = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    @Test
    void candidate_alone_leadsUnderTheKeysRevision() {
        Candidate candidate = new Candidate();
        try (var leadership = run("one", candidate)) {
            assertThat(leadership).isNotNull();
            eventually(PATIENCE, () -> assertThat(candidate.fences()).hasSize(1));
            Fence fence = candidate.fences().getFirst();
            var entry = store.get(KEY);
            assertThat(entry).isNotNull();
            assertThat(fence).isEqualTo(new Fence(KEY, entry == null ? 0 : entry.createRevision()));
            assertThat(fence.holds(store)).isTrue();
        }
        assertThat(leading).hasValue(0);
        assertThat(store.get(KEY)).isNull();
    }

    @Test
    void candidates_manyAtOnce_leadOneAfterTheOther() {
        List<LeasedLeadership> running = new ArrayList<>();
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Candidate candidate = new Candidate();
            candidates.add(candidate);
            running.add(run("candidate" + i, candidate));
        }
        for (int ended = 1; ended <= 4; ended++) {
            eventually(PATIENCE, () -> assertThat(leading).hasValue(1));
            for (int i = 0; i < 4; i++) {
                if (candidates.get(i).leads()) {
                    running.get(i).close();
                    break;
                }
            }
        }

        assertThat(candidates).allSatisfy(candidate -> assertThat(candidate.fences()).hasSize(1));
        assertThat(mostAtOnce).hasValue(1);
        assertThat(candidates.stream().map(candidate -> candidate.fences().getFirst().epoch()))
                .doesNotHaveDuplicates();
    }

    @Test
    void candidate_whileTheStoreIsDown_triesAgain() {
        store.down(true);
        Candidate candidate = new Candidate();
        try (var leadership = run("one", candidate)) {
            assertThat(leadership).isNotNull();
            store.down(false);
            eventually(PATIENCE, () -> assertThat(candidate.fences()).hasSize(1));
        }
    }

    @Test
    void leader_thatCannotBegin_givesTheRoleUpAndRunsAgain() {
        Candidate candidate = new Candidate();
        candidate.failures.set(1);
        try (var leadership = run("one", candidate)) {
            assertThat(leadership).isNotNull();
            eventually(PATIENCE, () -> assertThat(candidate.fences()).hasSize(1));
        }
        assertThat(candidate.failures).hasValue(0);
    }

    @Test
    void fence_ofAnEarlierLeader_refusesItsTransactions() {
        store.commit(Transaction.builder().put(KEY, new byte[0]).build());
        var entry = store.get(KEY);
        Fence fence = new Fence(KEY, entry == null ? 0 : entry.createRevision());
        Transaction guarded =
                fence.guard(Transaction.builder()).put("/mimicore/test/x", new byte[0]).build();
        assertThat(store.commit(guarded).succeeded()).isTrue();

        store.commit(Transaction.builder().delete(KEY).build());
        assertThat(store.commit(guarded).succeeded()).isFalse();
        store.commit(Transaction.builder().put(KEY, new byte[0]).build());

        assertThat(store.commit(guarded).succeeded()).isFalse();
        assertThat(fence.holds(store)).isFalse();
    }

    private LeasedLeadership run(String name, Candidate candidate) {
        LeasedLeadership leadership = LeasedLeadership.of(store, KEY, () -> name);
        leadership.start(candidate);
        return leadership;
    }

    /// Counts who leads at the same time.
    private final class Candidate implements Leadership.Listener {
        private final List<Fence> fences = new ArrayList<>();
        private final AtomicInteger failures = new AtomicInteger();
        private boolean leads;

        @Override
        public synchronized void elected(Fence fence) {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new StoreException("cannot begin in this test");
            }
            fences.add(fence);
            leads = true;
            mostAtOnce.accumulateAndGet(leading.incrementAndGet(), Math::max);
        }

        @Override
        public synchronized void deposed() {
            leads = false;
            leading.decrementAndGet();
        }

        synchronized List<Fence> fences() {
            return List.copyOf(fences);
        }

        synchronized boolean leads() {
            return leads;
        }
    }
}
