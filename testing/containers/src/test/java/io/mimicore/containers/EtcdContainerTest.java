package io.mimicore.containers;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.mimicore.controlplane.store.etcd.EtcdChannels;
import io.mimicore.controlplane.store.etcd.EtcdMetadataStore;
import io.mimicore.controlplane.store.etcd.EtcdTiming;
import io.mimicore.proto.etcd.v3.DeleteRangeRequest;
import io.mimicore.proto.etcd.v3.KVGrpc;
import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.contract.MetadataStoreContract;
import io.mimicore.testkit.process.RealEtcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/// The contract of metadata stores on etcd in a container.
class EtcdContainerTest extends MetadataStoreContract {
    private static final int CLIENT_PORT = 2379;
    private static final EtcdTiming QUICK =
            new EtcdTiming(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(1));

    @TempDir static Path directory;
    private static AutoCloseable server;
    private static String endpoint;
    private static ManagedChannel operator;

    @BeforeAll
    static void start() {
        if (ServerImage.hasEngine()) {
            String everywhere = "http://0.0.0.0:" + CLIENT_PORT;
            GenericContainer<?> container =
                    ServerImage.of("etcd")
                            .withCommand(
                                    "--data-dir=/data/etcd",
                                    "--listen-client-urls=" + everywhere,
                                    "--advertise-client-urls=" + everywhere,
                                    "--unsafe-no-fsync")
                            .withExposedPorts(CLIENT_PORT)
                            .waitingFor(Wait.forHttp("/health").forPort(CLIENT_PORT));
            container.start();
            server = container;
            endpoint = container.getHost() + ":" + container.getMappedPort(CLIENT_PORT);
        } else {
            RealEtcd etcd = RealEtcd.start(directory.resolve("data"));
            server = etcd;
            endpoint = etcd.endpoint();
        }
        operator = channel(endpoint);
    }

    @AfterAll
    static void stop() throws Exception {
        operator.shutdownNow();
        server.close();
    }

    @Override
    protected MetadataStore open() {
        ByteString all = ByteString.copyFrom(new byte[1]);
        var _ =
                KVGrpc.newBlockingStub(operator)
                        .deleteRange(
                                DeleteRangeRequest.newBuilder()
                                        .setKey(all)
                                        .setRangeEnd(all)
                                        .build());
        return EtcdMetadataStore.builder(List.of(endpoint), EtcdContainerTest::channel)
                .timing(QUICK)
                .open();
    }

    private static ManagedChannel channel(String target) {
        return Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
                .maxInboundMessageSize(EtcdChannels.INBOUND_BYTES_MAX)
                .build();
    }
}
