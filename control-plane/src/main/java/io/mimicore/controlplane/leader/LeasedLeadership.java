package io.mimicore.controlplane.leader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leadership by a leased key: whoever makes `lead/{role}` holds the role until the lease ends.
///
/// One virtual thread runs, waits for the key to go, and calls the listener.
public final class LeasedLeadership implements Leadership {
    private static final Logger log = LoggerFactory.getLogger(LeasedLeadership.class);

    /// How long a dead leader's role stays taken.
    static final Duration LEASE_TTL = Duration.ofSeconds(10);

    /// Time between two tries while the store fails or another leader holds the role; the watch
    /// usually ends the wait earlier.
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final MetadataStore store;
    private final String key;
    private final Supplier<String> candidate;
    private final WakeableThread thread = new WakeableThread("leadership");

    private LeasedLeadership(MetadataStore store, String key, Supplier<String> candidate) {
        this.store = store;
        this.key = key;
        this.candidate = candidate;
    }

    /// A candidacy that is not started.
    ///
    /// @param key the role's key, see `StoreKeys.leader`
    /// @param candidate who runs: the value of the key. Asked at each try
    public static LeasedLeadership of(MetadataStore store, String key, Supplier<String> candidate) {
        return new LeasedLeadership(
                requireNonNull(store, "store"),
                requireNonNull(key, "key"),
                requireNonNull(candidate, "candidate"));
    }

    @Override
    public void start(Listener listener) {
        thread.start(() -> run(listener));
    }

    private void run(Listener listener) {
        while (!thread.isClosed()) {
            try {
                campaign(listener);
            } catch (StoreException e) {
                if (!thread.isClosed()) {
                    log.warn(
                            "cannot run for leader, trying again key={} cause={}",
                            key,
                            e.getMessage());
                    thread.await(RETRY);
                }
            }
        }
    }

    /// One try: leads until the lease is lost, or waits until the leader's key is gone.
    private void campaign(Listener listener) {
        try (MetadataStore.Lease lease = store.lease(LEASE_TTL)) {
            var claim =
                    Transaction.builder()
                            .ifAbsent(key)
                            .putLeased(key, candidate.get().getBytes(UTF_8), lease)
                            .build();
            MetadataStore.Outcome outcome = store.commit(claim);
            if (outcome.succeeded()) {
                lead(listener, lease, outcome.revision());
            } else {
                awaitVacancy(outcome.revision());
            }
        }
    }

    private void lead(Listener listener, MetadataStore.Lease lease, long epoch) {
        lease.onLost(thread::wake);
        log.info("leading key={} epoch={}", key, epoch);
        listener.elected(new Fence(key, epoch));
        while (!thread.isClosed() && lease.isAlive()) {
            thread.await(RETRY);
        }
        if (!thread.isClosed()) {
            log.warn("leadership lost key={} epoch={}", key, epoch);
        }
        listener.deposed();
    }

    private void awaitVacancy(long revision) {
        try (var _ = store.watch(key, revision, new Vacancy())) {
            while (!thread.isClosed() && store.get(key) != null) {
                thread.await(RETRY);
            }
        }
    }

    @Override
    public void close() {
        thread.close();
    }

    /// Wakes the candidate on any change of the key.
    private final class Vacancy implements MetadataStore.WatchListener {
        @Override
        public void changed(List<MetadataStore.Change> changes) {
            thread.wake();
        }

        @Override
        public void resync(MetadataStore.Listing listing) {
            thread.wake();
        }
    }
}
