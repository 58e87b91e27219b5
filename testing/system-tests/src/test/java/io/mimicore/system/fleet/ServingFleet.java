package io.mimicore.system.fleet;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.controlplane.ControlPlane;
import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.proto.admin.v1.FleetServiceGrpc;
import io.mimicore.proto.admin.v1.ListNodesRequest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/// A control plane over the stores of a [Fleet], and the node code that follows it, all in this
/// process. Not thread-safe.
final class ServingFleet {
    private final Fleet fleet;
    private final Path root;
    private final Path configs;
    private final String name = InProcessServerBuilder.generateName();

    private ServingFleet(Fleet fleet, Path root, Path configs) {
        this.fleet = fleet;
        this.root = root;
        this.configs = configs;
    }

    /// Starts the control plane, which watches `root/configs`.
    static ServingFleet start(Fleet fleet, Path root, ArtifactStore artifacts) throws IOException {
        Path configs = Files.createDirectories(root.resolve("configs"));
        ControlPlane controlPlane =
                ControlPlane.builder()
                        .store(fleet.store(), FleetStores.KEYS)
                        .artifacts(artifacts)
                        .builds(fleet.queue())
                        .clusterKey(fleet.key())
                        .directory(configs)
                        .build();
        var serving = new ServingFleet(fleet, root, configs);
        InProcessServerBuilder builder =
                InProcessServerBuilder.forName(serving.name)
                        .maxInboundMessageSize(ControlPlane.STREAM_INBOUND_BYTES_MAX);
        controlPlane.streamServices().forEach(builder::addService);
        controlPlane.adminServices().forEach(builder::addService);
        Server server = builder.build().start();
        fleet.keep(server::shutdownNow);
        fleet.keep(controlPlane);
        controlPlane.start();
        return serving;
    }

    /// Writes an API whose answer to `/{n}` is `mark` and twice `n`, by user code that `mark` is
    /// part of.
    void write(String api, int mark) throws IOException {
        String text =
                """
                {"api": "%s", "version": "v2",
                 "user_code": {"inline_source": "package main // %d"},
                 "routes": [{"method": "GET", "path": "/{n}",
                   "transform": {"extract": {"n": {"from": "path.n", "type": "int"}}},
                   "response": {"body": "%d:{{double(n)}}"}}]}
                """
                        .replace("%s", api)
                        .replace("%d", Integer.toString(mark));
        Path file = root.resolve(api + ".new");
        Files.writeString(file, text);
        Files.move(
                file,
                configs.resolve(api + ".json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /// A node with its state in a directory of that name.
    DataPlaneNode node(String id) throws Exception {
        ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
        fleet.keep(channel::shutdownNow);
        return DataPlaneNode.builder()
                .nodeId(id)
                .build("test")
                .cluster(FleetStores.CLUSTER)
                .trafficAddress(anyPort())
                .metricsAddress(anyPort())
                .state(root.resolve(id))
                .trusted(fleet.key().trusted())
                .controlPlane("", () -> channel)
                .registry(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
                .start();
    }

    /// Why a node rejected a version last, as the admin API shows it; empty: it did not.
    String problem(String id) {
        ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
        try {
            return FleetServiceGrpc.newBlockingStub(channel)
                    .listNodes(ListNodesRequest.getDefaultInstance())
                    .getNodesList()
                    .stream()
                    .filter(node -> node.getName().equals("nodes/" + id))
                    .flatMap(node -> node.getRejection().getProblemsList().stream())
                    .map(problem -> problem.getCode() + ": " + problem.getMessage())
                    .collect(Collectors.joining(", "));
        } finally {
            channel.shutdownNow();
        }
    }

    /// What a node answers to `/21`.
    static String answer(DataPlaneNode node, String api) {
        try (RawConnection connection = RawConnection.open(node.trafficAddress())) {
            return connection.send(RawRequest.get(api + ".localhost", "/21")).body();
        }
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
