package io.mimicore.benchmarks.fleet;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.mimicore.testkit.fleet.SimulatedFleet;
import java.io.PrintStream;
import java.nio.file.Path;

/// Kills the control plane that leads, and takes the time until the other has published the next
/// edit. Confined to one thread.
final class LeaderBenchmark {
    private static final int ROUNDS = 5;
    private static final int NODES = 20;
    private static final String API = "edited";

    private final PrintStream out;
    private final Path directory;
    private int mark;

    LeaderBenchmark(PrintStream out, Path directory) {
        this.out = out;
        this.directory = directory;
    }

    void run() {
        var lost = new Times();
        try (Cluster cluster = Cluster.start(directory)) {
            cluster.save(API, ApiTexts.plain(API, ++mark));
            for (int round = 0; round < ROUNDS; round++) {
                lost.add(round(cluster));
            }
        }
        out.println(
                "| leader killed, to the next edit on every node (lease 10 s) | " + lost + " |");
    }

    private double round(Cluster cluster) {
        try (ControlPlaneProcess first = cluster.controlPlane();
                ControlPlaneProcess second = cluster.controlPlane();
                SimulatedFleet fleet =
                        SimulatedFleet.of(
                                        NODES,
                                        address ->
                                                NettyChannelBuilder.forTarget(address)
                                                        .usePlaintext()
                                                        .directExecutor()
                                                        .build())
                                .controlPlane(first.streamAddress())
                                .controlPlane(second.streamAddress())
                                .trusted(cluster.key().trusted())
                                .build()) {
            Waiting.until("a leader", () -> first.leads() || second.leads());
            fleet.connect(NODES);
            Waiting.until("all nodes follow", () -> fleet.wholeSnapshots() == NODES);
            cluster.save(API, ApiTexts.plain(API, ++mark));
            long before = fleet.nodes().getFirst().version();
            Waiting.until("an edit", () -> fleet.activated(before + 1).nodes() == NODES);
            long begin = System.nanoTime();
            (first.leads() ? first : second).kill();
            cluster.save(API, ApiTexts.plain(API, ++mark));
            Waiting.until(
                    "the next edit",
                    () -> fleet.nodes().stream().allMatch(node -> node.version() > before + 1));
            return (fleet.activated(before + 2).lastNanos() - begin) / 1e6;
        }
    }
}
