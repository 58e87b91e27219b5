package io.mimicore.controlplane.store.etcd;

import io.grpc.ManagedChannel;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.contract.MetadataStoreContract;
import io.mimicore.testkit.process.RealEtcd;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// The contract of stores on a real etcd.
class EtcdMetadataStoreTest extends MetadataStoreContract {
    @TempDir static Path directory;
    private static RealEtcd etcd;
    private static ManagedChannel operator;

    @BeforeAll
    static void startEtcd() {
        etcd = RealEtcd.start(directory.resolve("data"));
        operator = EtcdStores.channel(etcd.endpoint());
    }

    @AfterAll
    static void stopEtcd() {
        operator.shutdownNow();
        etcd.close();
    }

    @Override
    protected MetadataStore open() {
        EtcdStores.clear(operator);
        return EtcdStores.builder(etcd.endpoint()).open();
    }
}
