package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.mimicore.signing.ClusterKey;
import io.mimicore.signing.TrustedKey;
import io.mimicore.testkit.fleet.SimulatedFleet;
import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.StallableLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The control plane of many nodes is killed and comes back. `-Dmimicore.herd.nodes=1000` makes
/// them more.
class HerdOfNodesTest {
    private static final int NODES = Integer.getInteger("mimicore.herd.nodes", 300);
    private static final int APIS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// What the restart and one edit may cost each node, in bytes of TCP.
    private static final long BYTES_PER_NODE_MAX = 1_000;

    @TempDir private Path root;
    private Workspace workspace;
    private int port;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
        port = ByteServer.freePort();
        for (int i = 0; i < APIS; i++) {
            workspace.write("api" + i + ".json", Marked.plain("api" + i, 1));
        }
    }

    @Test
    void controlPlane_killedWithManyNodesConnected_resumesThemInFewBytes() throws IOException {
        MimicoreProcess first = workspace.program().streamPort(port).start();
        try (var link = StallableLink.to(port);
                var fleet = fleet(link)) {
            long old = version(first);
            fleet.connect(1_000);
            eventually(PATIENCE, () -> assertThat(fleet.at(old)).isEqualTo(NODES));
            assertThat(fleet.wholeSnapshots()).isEqualTo(NODES);
            long before = link.sentByServer();

            first.kill();
            workspace.write("api7.json", Marked.plain("api7", 2));
            try (var second = workspace.program().streamPort(port).start()) {
                long edited = version(second);
                assertThat(edited).isGreaterThan(old);
                // No node is left behind, and none starts from nothing.
                eventually(PATIENCE, () -> assertThat(fleet.at(edited)).isEqualTo(NODES));
                assertThat(link.sentByServer() - before)
                        .isLessThanOrEqualTo(NODES * BYTES_PER_NODE_MAX);
                assertThat(fleet.wholeSnapshots()).isEqualTo(NODES);
                assertThat(fleet.faults()).isEmpty();
            }
        } finally {
            first.close();
        }
    }

    private SimulatedFleet fleet(StallableLink link) throws IOException {
        return SimulatedFleet.of(
                        NODES,
                        address ->
                                NettyChannelBuilder.forTarget(address)
                                        .usePlaintext()
                                        .directExecutor()
                                        .build())
                .controlPlane(link.endpoint())
                .trusted(trusted())
                .build();
    }

    private TrustedKey trusted() throws IOException {
        Path key = workspace.state().resolve("cluster.key");
        return ClusterKey.decode(Files.readString(key, US_ASCII)).trusted();
    }

    private static long version(MimicoreProcess program) {
        return program.send(Marked.request("api0")).version();
    }
}
