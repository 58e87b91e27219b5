package io.mimicore.controlplane;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.mimicore.controlplane.catalog.FirstPublish;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way of a file from its directory to a node.
class ControlPlaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final ClusterKey key = ClusterKey.generate();
    private final InMemoryMetadataStore store = new InMemoryMetadataStore();

    @TempDir Path configs;

    @Test
    void file_saved_becomesActiveOnNode() throws IOException, InterruptedException {
        write("hello.json", api("hello", "/hi"));
        try (var running = start()) {
            FirstPublish first = running.plane.awaitFirstPublish(PATIENCE);
            assertThat(first).isEqualTo(new FirstPublish(1, 1, 0));
            try (var node = running.connect("n1")) {
                eventually(PATIENCE, () -> assertThat(node.version()).isEqualTo(1));
                write("other.json", api("other", "/o"));
                eventually(
                        PATIENCE, () -> assertThat(node.apis()).containsExactly("hello", "other"));
                assertThat(node.version()).isEqualTo(2);
                assertThat(node.faults()).isEmpty();
            }
        }
    }

    private Running start() throws IOException {
        ControlPlane plane =
                ControlPlane.builder()
                        .store(store, KEYS)
                        .artifacts(new InMemoryArtifactStore())
                        .builds(new FakeBuildQueue())
                        .clusterKey(key)
                        .directory(configs)
                        .build();
        return new Running(plane, key);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(configs.resolve(name), text);
    }

    private static String api(String name, String path) {
        return """
        {"api": "%s", "version": "v2", "routes": [
          {"method": "GET", "path": "%s", "response": {"status": 200, "body": {"ok": true}}}]}
        """
                .formatted(name, path);
    }

    /// A control plane behind an in-process server.
    private static final class Running implements AutoCloseable {
        private final ControlPlane plane;
        private final ClusterKey key;
        private final Server server;
        private final ManagedChannel channel;

        Running(ControlPlane plane, ClusterKey key) throws IOException {
            this.plane = plane;
            this.key = key;
            String name = InProcessServerBuilder.generateName();
            InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
            plane.streamServices().forEach(builder::addService);
            plane.adminServices().forEach(builder::addService);
            this.server = builder.build().start();
            this.channel = InProcessChannelBuilder.forName(name).build();
            plane.start();
        }

        FakeNode connect(String name) {
            FakeNode node = new FakeNode(name, key.trusted());
            node.connect(channel);
            return node;
        }

        @Override
        public void close() {
            plane.close();
            channel.shutdownNow();
            server.shutdownNow();
        }
    }
}
