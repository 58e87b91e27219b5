package io.mimicore.controlplane.fleet;

import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.proto.store.v1.ReplicaRecord;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the leased key by which other control planes see that this one is there. One virtual
/// thread, which nobody interrupts.
final class ReplicaPresence implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReplicaPresence.class);

    /// How long a control plane that died is taken for there.
    static final Duration LEASE_TTL = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofSeconds(2);

    private final MetadataStore store;
    private final String key;
    private final Replica self;
    private final WakeableThread thread = new WakeableThread("replica-presence");
    private boolean failing;

    ReplicaPresence(MetadataStore store, StoreKeys keys, Replica self) {
        this.store = store;
        this.key = keys.replica(self.bootId());
        this.self = self;
    }

    void start() {
        thread.start(this::run);
    }

    private void run() {
        while (!thread.isClosed()) {
            try {
                hold();
            } catch (StoreException e) {
                if (!failing) {
                    failing = true;
                    log.warn("other control planes cannot see this one cause={}", e.getMessage());
                }
                if (!thread.isClosed()) {
                    thread.await(RETRY);
                }
            }
        }
    }

    private void hold() {
        byte[] record =
                ReplicaRecord.newBuilder()
                        .setName(self.name())
                        .setBootId(self.bootId())
                        .build()
                        .toByteArray();
        try (MetadataStore.Lease lease = store.lease(LEASE_TTL)) {
            store.commit(Transaction.builder().putLeased(key, record, lease).build());
            failing = false;
            lease.onLost(thread::wake);
            while (!thread.isClosed() && lease.isAlive()) {
                thread.await(RETRY);
            }
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
