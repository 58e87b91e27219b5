package io.mimicore.controlplane.store.etcd;

import io.grpc.ManagedChannel;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.contract.MetadataStoreCrashContract;
import io.mimicore.testkit.process.RealEtcd;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// Crashes of etcd: it is killed in the middle of the work and at its end.
class EtcdMetadataStoreCrashTest extends MetadataStoreCrashContract {
    @TempDir static Path directory;
    private static RealEtcd etcd;
    private static ManagedChannel operator;
    private int early;

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

    /// Half of the seeds have a crash in the middle as well, each at its own point.
    @BeforeEach
    void choosePoint(TestInfo test) {
        early = new Random(test.getDisplayName().hashCode()).nextInt(1, 120);
    }

    @Override
    protected Crashable openCrashable() {
        operator.resetConnectBackoff();
        EtcdStores.clear(operator);
        MetadataStore store = EtcdStores.builder(etcd.endpoint()).open();
        return new Crashable() {
            private int acknowledged;

            @Override
            public MetadataStore store() {
                return store;
            }

            @Override
            public void acknowledged(int transactions) {
                acknowledged = transactions;
                if (transactions == early) {
                    etcd.kill();
                    etcd.start();
                }
            }

            @Override
            public Recovered crash(Random random) {
                etcd.kill();
                etcd.start();
                // Its leases end with it, as they do with a process that dies, only sooner.
                store.close();
                return new Recovered(EtcdStores.builder(etcd.endpoint()).open(), acknowledged);
            }
        };
    }
}
