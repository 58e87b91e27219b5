package io.mimicore.benchmarks.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.mimicore.testkit.fleet.SimulatedFleet;
import io.mimicore.testkit.process.Footprint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;

/// Pushes edits to simulated nodes and takes the time until all have them, and what each costs the
/// control plane in memory and processor time. Confined to one thread.
final class PushBenchmark {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final String API = "edited";
    private static final int APIS = 100;
    private static final int WARM_ROUNDS = 60;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final int CONNECTS_PER_SECOND = 500;
    private static final double NANOS_PER_MICRO = 1e3;

    private final PrintStream out;
    private final Path directory;
    private final int nodes;
    private final int rounds;
    private final int perConnection;
    private int mark;

    PushBenchmark(PrintStream out, Path directory, Scale scale) {
        this.out = out;
        this.directory = directory;
        this.nodes = scale.nodes();
        this.rounds = scale.rounds();
        this.perConnection = scale.perConnection();
    }

    /// How much to simulate.
    ///
    /// @param perConnection nodes that share a connection
    record Scale(int nodes, int rounds, int perConnection) {}

    /// What rounds of pushes came to.
    ///
    /// @param cpuNanos of the server
    private record Rounds(Times published, Times acknowledged, Times saved, long cpuNanos) {}

    void run() throws IOException {
        try (Cluster cluster = Cluster.start(directory)) {
            for (int i = 1; i < APIS; i++) {
                cluster.save("api" + i, ApiTexts.plain("api" + i, 0));
            }
            cluster.save(API, ApiTexts.plain(API, ++mark));
            ControlPlaneProcess server = cluster.controlPlane();
            var offers = new RecordedOffers(directory.resolve("offers"));
            long ours = oursNanos(cluster, server, offers);
            server.kill();
            long bare = bareCpuNanos(cluster, offers);
            print("the same, bare fan-out", micros(bare));
            print("ratio", String.format(Locale.ROOT, "%.2f", ours / (double) bare));
        }
    }

    /// Measures the control plane.
    ///
    /// @return its processor time for a push and node
    private long oursNanos(Cluster cluster, ControlPlaneProcess server, RecordedOffers offers) {
        Rounds alone = alone(cluster, server);
        long rss = settledBytes(server.pid());
        long heap = Footprint.of(server.pid()).heapBytes();
        try (SimulatedFleet fleet =
                fleet(cluster, server.streamAddress(), nodes).watchFirst(offers).build()) {
            connect(fleet, nodes);
            Rounds all = rounds(cluster, server, fleet, rounds);
            long rssAll = settledBytes(server.pid());
            long heapAll = Footprint.of(server.pid()).heapBytes();
            long ours = (all.cpuNanos() - alone.cpuNanos()) / ((long) nodes * rounds);
            print("edit, published to active on all", all.published().toString());
            print("edit, published to acknowledged by all", all.acknowledged().toString());
            print("edit, file saved to active on all", all.saved().toString());
            double outside = (rssAll - rss) / (double) nodes;
            double live = (heapAll - heap) / (double) nodes;
            print("memory of the server for a node", kib(outside + live));
            print("of it live heap", kib(live));
            print("processor time for a push and node", micros(ours));
            requireNoFaults(fleet);
            return ours;
        }
    }

    /// The same edits for one node: what is not for each node.
    private Rounds alone(Cluster cluster, ControlPlaneProcess server) {
        try (SimulatedFleet one = fleet(cluster, server.streamAddress(), 1).build()) {
            connect(one, 1);
            rounds(cluster, server, one, WARM_ROUNDS);
            return rounds(cluster, server, one, rounds);
        }
    }

    private Rounds rounds(
            Cluster cluster, ControlPlaneProcess server, SimulatedFleet fleet, int count) {
        int size = fleet.nodes().size();
        var published = new Times();
        var acknowledged = new Times();
        var saved = new Times();
        // Both sides compile what many nodes run first.
        for (int i = 0; size > 1 && i < WARM_ROUNDS / 3; i++) {
            push(cluster, fleet, size);
            Waiting.pass(PAUSE_NANOS);
        }
        long cpu = Machine.cpuNanos(server.pid());
        for (int i = 0; i < count; i++) {
            long savedNanos = System.nanoTime();
            double clockMillis = CLOCK.millis();
            long version = push(cluster, fleet, size);
            double activeMillis =
                    clockMillis + (fleet.activated(version).lastNanos() - savedNanos) / 1e6;
            Waiting.until("acknowledged", () -> inSync(server) >= size);
            double ackMillis = clockMillis + (System.nanoTime() - savedNanos) / 1e6;
            double publishMillis = server.publishedMillis(version);
            published.add(activeMillis - publishMillis);
            acknowledged.add(ackMillis - publishMillis);
            saved.add(activeMillis - clockMillis);
            Waiting.pass(PAUSE_NANOS);
        }
        return new Rounds(published, acknowledged, saved, Machine.cpuNanos(server.pid()) - cpu);
    }

    private long push(Cluster cluster, SimulatedFleet fleet, int size) {
        long version = fleet.nodes().getFirst().version() + 1;
        cluster.save(API, ApiTexts.plain(API, ++mark));
        Waiting.until("version " + version, () -> fleet.activated(version).nodes() == size);
        return version;
    }

    private static double inSync(ControlPlaneProcess server) {
        return server.metric("mimicore_nodes{state=\"in_sync\"");
    }

    private long bareCpuNanos(Cluster cluster, RecordedOffers offers) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseCompactObjectHeaders", "-XX:+UseParallelGC", "-Xmx768m"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), BareFanOut.class.getName()));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
                var orders = new PrintStream(process.getOutputStream(), true, UTF_8)) {
            String address = "127.0.0.1:" + lines.readLine();
            try (SimulatedFleet fleet = fleet(cluster, address, nodes).build()) {
                fleet.connect(CONNECTS_PER_SECOND);
                Waiting.until("all streams", () -> streams(fleet) == nodes);
                Waiting.pass(TimeUnit.SECONDS.toNanos(nodes / CONNECTS_PER_SECOND + 2));
                return replay(process.pid(), orders, fleet, offers);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private long replay(long pid, PrintStream orders, SimulatedFleet fleet, RecordedOffers offers) {
        SortedSet<Long> versions = offers.versions();
        List<Long> measured =
                List.copyOf(versions).subList(versions.size() - rounds, versions.size());
        long cpu = 0;
        for (long version : versions) {
            if (version == measured.getFirst()) {
                cpu = Machine.cpuNanos(pid);
            }
            orders.println(offers.file(version));
            Waiting.until(
                    "bare version " + version, () -> fleet.activated(version).nodes() == nodes);
            Waiting.pass(PAUSE_NANOS);
        }
        requireNoFaults(fleet);
        return (Machine.cpuNanos(pid) - cpu) / ((long) nodes * rounds);
    }

    private static long streams(SimulatedFleet fleet) {
        return fleet.nodes().stream().filter(node -> node.hasStream()).count();
    }

    private void connect(SimulatedFleet fleet, int size) {
        fleet.connect(CONNECTS_PER_SECOND);
        Waiting.until("all nodes follow", () -> fleet.wholeSnapshots() == size);
        Waiting.until(
                "all nodes are active",
                () -> fleet.nodes().stream().allMatch(node -> node.version() > 0));
    }

    private SimulatedFleet.Builder fleet(Cluster cluster, String address, int size) {
        return SimulatedFleet.of(size, PushBenchmark::channel)
                .controlPlane(address)
                .nodesPerConnection(perConnection)
                .trusted(cluster.key().trusted());
    }

    private static ManagedChannel channel(String address) {
        return NettyChannelBuilder.forTarget(address).usePlaintext().directExecutor().build();
    }

    /// Resident after two collections, when what they have let go of is returned.
    private static long settledBytes(long pid) {
        Footprint.of(pid);
        return Machine.residentBytes(pid);
    }

    private static void requireNoFaults(SimulatedFleet fleet) {
        if (!fleet.faults().isEmpty()) {
            throw new IllegalStateException("nodes got what is wrong: " + fleet.faults());
        }
    }

    private void print(String what, String figure) {
        out.println("| " + nodes + " nodes: " + what + " | " + figure + " |");
    }

    private static String kib(double bytes) {
        return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024);
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f µs", nanos / NANOS_PER_MICRO);
    }
}
