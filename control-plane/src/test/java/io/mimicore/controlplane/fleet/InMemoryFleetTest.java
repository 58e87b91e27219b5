package io.mimicore.controlplane.fleet;

import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.InMemoryMetadataStore;
import io.mimicore.testkit.InMemorySession;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class InMemoryFleetTest extends FleetScenarios {
    private final AtomicLong nowNanos = new AtomicLong();
    private final InMemoryMetadataStore store = new InMemoryMetadataStore(nowNanos::get);

    @Override
    protected MetadataStore process() {
        return store.session();
    }

    /// It is stopped for longer than its lease, as one that was killed.
    @Override
    protected void end(AutoCloseable member, MetadataStore process) {
        ((InMemorySession) process).pause();
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
        store.expireLeases();
    }
}
