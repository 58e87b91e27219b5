package io.mimicore.controlplane;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.controlplane.store.etcd.EtcdStores;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreFullException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import io.mimicore.testkit.process.RealEtcd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A control plane whose etcd is full.
class EtcdFullTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int QUOTA_BYTES = 8 * 1024 * 1024;
    private static final byte[] JUNK = new byte[256 * 1024];

    private final ClusterKey key = ClusterKey.generate();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir Path root;

    @SuppressWarnings("NullAway.Init") // the test makes it first
    private Path configs;

    @Test
    void etcd_isFull_isReportedServesOnAndPublishesOnceThereIsRoom() throws Exception {
        configs = Files.createDirectory(root.resolve("configs"));
        write("1");
        try (RealEtcd etcd =
                        RealEtcd.start(
                                root.resolve("etcd"),
                                "--quota-backend-bytes",
                                Integer.toString(QUOTA_BYTES));
                MetadataStore others = EtcdStores.builder(etcd.endpoint()).open();
                MetadataStore store = EtcdStores.builder(etcd.endpoint()).meters(meters).open();
                ControlPlane plane = controlPlane(store)) {
            String name = InProcessServerBuilder.generateName();
            InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
            plane.streamServices().forEach(builder::addService);
            Server server = builder.build().start();
            ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
            plane.start();
            try (var node = new FakeNode("n1", key.trusted());
                    var late = new FakeNode("n2", key.trusted())) {
                plane.awaitFirstPublish(PATIENCE);
                node.connect(channel);
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));

                fill(others);
                write("2");
                eventually(PATIENCE, () -> assertThat(full()).isEqualTo(1));
                // What is published goes on being handed out, to new nodes as well.
                late.connect(channel);
                eventually(PATIENCE, () -> assertThat(late.version()).isEqualTo(1));
                assertThat(node.end()).isNull();
                assertThat(node.version()).isEqualTo(1);

                makeRoom(others, etcd);
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(2));
                eventually(PATIENCE, () -> assertThat(late.version()).isEqualTo(2));
                eventually(PATIENCE, () -> assertThat(full()).isZero());
                assertThat(node.faults()).isEmpty();
                assertThat(late.faults()).isEmpty();
            } finally {
                channel.shutdownNow();
                server.shutdownNow();
            }
        }
    }

    private ControlPlane controlPlane(MetadataStore store) {
        return ControlPlane.builder()
                .store(store, new StoreKeys("test"))
                .artifacts(new InMemoryArtifactStore())
                .builds(new FakeBuildQueue())
                .clusterKey(key)
                .directory(configs)
                .registry(meters)
                .build();
    }

    private double full() {
        return meters.get("mimicore_store_full").gauge().value();
    }

    private static void fill(MetadataStore others) {
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1_000; i++) {
                                others.commit(
                                        Transaction.builder().put("/junk/" + i, JUNK).build());
                            }
                        })
                .isInstanceOf(StoreFullException.class);
    }

    private static void makeRoom(MetadataStore others, RealEtcd etcd) {
        Transaction.Builder delete = Transaction.builder();
        others.keys("/junk/").forEach(junk -> delete.delete(junk.key()));
        long deleted = others.commit(delete.build()).revision();
        ManagedChannel operator = EtcdStores.channel(etcd.endpoint());
        EtcdStores.compact(operator, deleted);
        EtcdStores.defragmentAndDisarm(operator);
        operator.shutdownNow();
    }

    private void write(String answer) throws IOException {
        Files.writeString(
                configs.resolve("hello.json"),
                """
                {"api": "hello", "version": "v2", "routes": [
                  {"method": "GET", "path": "/hi", "response": {"body": {"answer": %s}}}]}
                """
                        .formatted(answer));
    }
}
