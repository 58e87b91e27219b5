package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static io.mimicore.testkit.Eventually.eventuallyGet;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.MinioServer;
import io.mimicore.testkit.process.RealEtcd;
import io.mimicore.testkit.process.StallableLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A fleet on this machine: a real etcd, a real MinIO, control planes, compiler workers and nodes,
/// each a process of its own that can be killed, paused and started again. The control planes watch
/// one directory.
///
/// Every control plane and worker reaches each member of etcd, and every node each control plane,
/// over a link of its own, which can be cut; MinIO has one for all. Not thread-safe.
final class Fleet implements AutoCloseable {
    /// How long a fleet may take to come to what a test waits for.
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String BUCKET = "mimicore";
    private static final int HEAP_MEGABYTES = 256;

    private final Path root;
    private final Workspace workspace;
    private final Path key;
    private final List<RealEtcd> etcd;
    private final MinioServer minio;
    private final StallableLink minioLink;
    private final Map<String, List<StallableLink>> links = new LinkedHashMap<>();
    private final List<FleetMember> controlPlanes = new ArrayList<>();
    private final List<FleetMember> workers = new ArrayList<>();
    private final List<FleetMember> nodes = new ArrayList<>();
    private final List<Integer> streamPorts = new ArrayList<>();

    /// How many of each.
    record Size(int etcd, int controlPlanes, int workers, int nodes) {}

    private Fleet(Path root, int members) {
        this.root = root;
        this.workspace = Workspace.in(root);
        this.key = root.resolve("cluster.key");
        this.etcd = RealEtcd.startCluster(root.resolve("etcd"), members);
        this.minio = MinioServer.start(root.resolve("minio"));
        this.minioLink = StallableLink.to(minio.endpoint().getPort());
        minio.bucket(BUCKET);
    }

    /// Starts everything but the nodes' waiting for a first snapshot: nothing is published yet.
    static Fleet start(Path root, Size size) {
        var fleet = new Fleet(root, size.etcd());
        boolean started = false;
        try {
            fleet.startRoles(size);
            started = true;
            return fleet;
        } finally {
            if (!started) {
                fleet.close();
            }
        }
    }

    private void startRoles(Size size) {
        makeKey(key);
        for (int i = 1; i <= size.controlPlanes(); i++) {
            streamPorts.add(ByteServer.freePort());
            controlPlanes.add(controlPlane("control-plane-" + i, streamPorts.getLast()));
        }
        for (int i = 1; i <= size.workers(); i++) {
            workers.add(worker("worker-" + i));
        }
        for (int i = 1; i <= size.nodes(); i++) {
            nodes.add(node("node-" + i, key));
        }
        // Against the order of what they need: each waits for what is not there yet.
        nodes.forEach(FleetMember::launch);
        workers.forEach(FleetMember::launch);
        controlPlanes.forEach(FleetMember::launch);
        controlPlanes.forEach(member -> member.process().awaitReady());
        workers.forEach(member -> member.process().awaitReady());
    }

    /// Makes a key of a cluster, as an operator does.
    void makeKey(Path file) {
        MimicoreCommand.Outcome made = workspace.command().run("cluster-key", file.toString());
        assertThat(made.exitCode()).as(made.err()).isZero();
    }

    private FleetMember controlPlane(String name, int streamPort) {
        List<String> arguments = new ArrayList<>(List.of("control-plane"));
        arguments.addAll(stores(name));
        arguments.addAll(List.of("--configs", workspace.configs().toString()));
        arguments.addAll(List.of("--stream-port", Integer.toString(streamPort)));
        arguments.addAll(List.of("--admin-port", freePort(), "--metrics-port", freePort()));
        return member(name, arguments);
    }

    private FleetMember worker(String name) {
        List<String> arguments = new ArrayList<>(List.of("compiler-worker"));
        arguments.addAll(stores(name));
        arguments.addAll(List.of("--worker-id", name, "--metrics-port", freePort()));
        return member(name, arguments);
    }

    /// A further node, not started.
    ///
    /// @param trusted the file of the pair whose public half it trusts
    /// @param further flags besides those that every node has
    FleetMember node(String name, Path trusted, String... further) {
        List<String> arguments = new ArrayList<>(List.of("data-plane"));
        arguments.addAll(List.of("--control-plane", linked(name, "", streamPorts)));
        arguments.addAll(List.of("--trusted-key", trusted + ".pub", "--node-id", name));
        arguments.addAll(List.of("--state", root.resolve(name).toString()));
        arguments.addAll(List.of("--port", freePort(), "--metrics-port", freePort()));
        arguments.addAll(List.of(further));
        return member(name, arguments);
    }

    /// The flags with which a control plane or a worker reaches both stores, and signs.
    List<String> stores(String name) {
        List<Integer> members =
                etcd.stream()
                        .map(RealEtcd::endpoint)
                        .map(it -> Integer.valueOf(it.substring(it.indexOf(':') + 1)))
                        .toList();
        return List.of(
                "--etcd",
                linked(name, "http://", members),
                "--s3-endpoint",
                "http://" + minioLink.endpoint(),
                "--s3-bucket",
                BUCKET,
                "--cluster-key",
                key.toString());
    }

    /// A process with these flags, not started.
    FleetMember member(String name, List<String> arguments) {
        return new FleetMember(
                name,
                new MimicoreProcess.CommandLine(
                        arguments, credentials(MinioServer.SECRET_KEY), HEAP_MEGABYTES));
    }

    /// Runs a command of the program to its end.
    ///
    /// @param secret of the user of MinIO
    MimicoreCommand.Outcome run(String secret, List<String> arguments) {
        return MimicoreCommand.in(root)
                .with(credentials(secret))
                .run(arguments.toArray(String[]::new));
    }

    private static Map<String, String> credentials(String secret) {
        return Map.of("MINIO_ACCESS_KEY", MinioServer.ACCESS_KEY, "MINIO_SECRET_KEY", secret);
    }

    /// Links of this member to ports of loopback, as a flag lists them.
    private String linked(String name, String scheme, List<Integer> ports) {
        List<StallableLink> all = ports.stream().map(StallableLink::to).toList();
        links.put(name, all);
        return String.join(",", all.stream().map(link -> scheme + link.endpoint()).toList());
    }

    static String freePort() {
        return Integer.toString(ByteServer.freePort());
    }

    /// Cuts a member off from what it depends on: a control plane or a worker from etcd, a node
    /// from all control planes.
    void cut(FleetMember member) {
        links.getOrDefault(member.name(), List.of()).forEach(StallableLink::stall);
    }

    /// Joins it again; what was sent meanwhile arrives.
    void join(FleetMember member) {
        links.getOrDefault(member.name(), List.of()).forEach(StallableLink::goOn);
    }

    /// Cuts a member of etcd off from all control planes and workers; it still has its peers.
    void cutEtcd(int member) {
        linksTo(member).forEach(StallableLink::stall);
    }

    /// Joins it again.
    void joinEtcd(int member) {
        linksTo(member).forEach(StallableLink::goOn);
    }

    private List<StallableLink> linksTo(int member) {
        return Stream.concat(controlPlanes.stream(), workers.stream())
                .map(it -> links.getOrDefault(it.name(), List.of()).get(member))
                .toList();
    }

    /// Cuts MinIO off from everybody.
    void cutMinio() {
        minioLink.stall();
    }

    /// Joins it again.
    void joinMinio() {
        minioLink.goOn();
    }

    /// The directory of configs.
    Workspace workspace() {
        return workspace;
    }

    List<RealEtcd> etcd() {
        return etcd;
    }

    MinioServer minio() {
        return minio;
    }

    List<FleetMember> controlPlanes() {
        return controlPlanes;
    }

    List<FleetMember> workers() {
        return workers;
    }

    List<FleetMember> nodes() {
        return nodes;
    }

    /// Waits until exactly one control plane leads.
    FleetMember leader() {
        return eventuallyGet(
                PATIENCE,
                () -> {
                    List<FleetMember> leading =
                            controlPlanes.stream()
                                    .filter(FleetMember::isAlive)
                                    .filter(it -> metric(it, "mimicore_leader") == 1)
                                    .toList();
                    assertThat(leading).hasSize(1);
                    return leading.getFirst();
                });
    }

    /// The value of a metric without labels.
    static double metric(FleetMember member, String name) {
        return member.operations("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    /// Waits until every node that lives answers a request for this API with this edit.
    void awaitServed(String api, int mark) {
        for (FleetMember node : nodes) {
            if (node.isAlive()) {
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(node.send(Marked.request(api)).body())
                                        .as(node.name())
                                        .isEqualTo(Marked.body(mark)));
            }
        }
    }

    /// How many artifacts the bucket holds.
    long artifacts() {
        Path stored = minio.data().resolve(BUCKET).resolve("default").resolve("artifact");
        if (!Files.isDirectory(stored)) {
            return 0;
        }
        try (Stream<Path> objects = Files.list(stored)) {
            return objects.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs a command of the program against a control plane.
    MimicoreCommand.Outcome admin(FleetMember controlPlane, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--admin", controlPlane.admin()));
        return workspace.command().run(all.toArray(String[]::new));
    }

    @Override
    public void close() {
        nodes.forEach(FleetMember::close);
        workers.forEach(FleetMember::close);
        controlPlanes.forEach(FleetMember::close);
        minio.close();
        etcd.forEach(RealEtcd::close);
        links.values().stream().flatMap(List::stream).forEach(Fleet::close);
        close(minioLink);
    }

    private static void close(StallableLink link) {
        try {
            link.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
