package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.StallableLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The link between a node and its control plane carries nothing any more, and nobody is told: TCP
/// holds such a connection for ever.
class SilentLinkTest {
    /// Pings find it within 40 s; the rest is for a machine that is busy.
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private static final int HEAP_MEGABYTES = 256;

    @TempDir private Path root;

    @Test
    void link_goesSilent_isNoticedByBothSidesAndResumedLater() throws Exception {
        Workspace workspace = Workspace.in(root);
        Path key = root.resolve("cluster.key");
        assertThat(workspace.command().run("cluster-key", key.toString()).exitCode()).isZero();
        workspace.write("a.json", Marked.plain("a", 1));
        try (MimicoreProcess controlPlane = start(controlPlane(workspace, key));
                StallableLink link = StallableLink.to(controlPlane.stream().getPort());
                MimicoreProcess node = start(node(link, key))) {
            assertThat(node.send(Marked.request("a")).body()).isEqualTo(Marked.body(1));
            assertThat(disconnected(controlPlane)).isZero();

            link.stall();
            workspace.write("a.json", Marked.plain("a", 2));
            assertThat(node.err().awaitText("lost the control plane", PATIENCE)).isNotEmpty();
            eventually(PATIENCE, () -> assertThat(disconnected(controlPlane)).isOne());
            assertThat(node.send(Marked.request("a")).body()).isEqualTo(Marked.body(1));

            link.goOn();
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(node.send(Marked.request("a")).body())
                                    .isEqualTo(Marked.body(2)));
            assertThat(disconnected(controlPlane)).isZero();
        }
    }

    private static double disconnected(MimicoreProcess controlPlane) {
        try (RawConnection connection = RawConnection.open(controlPlane.metrics())) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("mimicore_nodes{state=\"disconnected\""))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    private List<String> controlPlane(Workspace workspace, Path key) {
        List<String> flags = new ArrayList<>(List.of("up", "--configs"));
        flags.add(workspace.configs().toString());
        flags.addAll(List.of("--state", workspace.state().toString()));
        flags.addAll(List.of("--cluster-key", key.toString(), "--port", "0"));
        flags.addAll(List.of("--stream-port", "0", "--admin-port", "0", "--metrics-port", "0"));
        return flags;
    }

    private List<String> node(StallableLink link, Path key) {
        List<String> flags = new ArrayList<>(List.of("data-plane", "--control-plane"));
        flags.addAll(List.of(link.endpoint(), "--trusted-key", key + ".pub", "--node-id", "far"));
        flags.addAll(List.of("--state", root.resolve("node").toString()));
        flags.addAll(List.of("--port", "0", "--metrics-port", "0"));
        return flags;
    }

    private static MimicoreProcess start(List<String> flags) {
        MimicoreProcess process =
                MimicoreProcess.launch(
                        new MimicoreProcess.CommandLine(flags, Map.of(), HEAP_MEGABYTES));
        process.awaitReady();
        return process;
    }
}
