package io.mimicore.controlplane.store.etcd;

import io.mimicore.controlplane.fleet.FleetScenarios;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.process.RealEtcd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A fleet's records on a real etcd.
class EtcdFleetTest extends FleetScenarios {
    @TempDir private static Path directory;
    private static RealEtcd etcd;

    private final List<MetadataStore> processes = new ArrayList<>();

    @BeforeAll
    static void startEtcd() {
        etcd = RealEtcd.start(directory.resolve("data"));
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @AfterEach
    void closeStores() {
        processes.forEach(MetadataStore::close);
        var channel = EtcdStores.channel(etcd.endpoint());
        EtcdStores.clear(channel);
        channel.shutdownNow();
    }

    @Override
    protected MetadataStore process() {
        MetadataStore store = EtcdStores.builder(etcd.endpoint()).open();
        processes.add(store);
        return store;
    }

    /// It goes in order, and gives its leases back.
    @Override
    protected void end(AutoCloseable member, MetadataStore process) throws Exception {
        member.close();
    }
}
