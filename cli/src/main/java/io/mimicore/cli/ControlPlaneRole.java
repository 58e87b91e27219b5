package io.mimicore.cli;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.controlplane.ControlPlane;
import io.mimicore.controlplane.catalog.ProblemListener;
import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A running control plane with its servers.
final class ControlPlaneRole implements AutoCloseable {
    private static final Duration LAST_ORDERS = Duration.ofSeconds(1);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ControlPlaneOptions options;
    private final Place place;
    private final ControlPlane controlPlane;
    private final List<Server> servers = new ArrayList<>();
    private Server streamServer;
    private Server adminServer;

    /// What a control plane works with.
    ///
    /// @param configs directories it watches
    /// @param workerPatience how long a build waits for a worker to come
    /// @param versionFloor a version that is served already, above which new ones are
    record Place(
            List<Path> configs,
            Stores stores,
            ClusterKey key,
            Duration workerPatience,
            long versionFloor,
            Door door) {}

    /// Where it is spoken to.
    ///
    /// @param address of both servers
    /// @param credentials of both servers
    /// @param inProcess name for a node in the same process; absent: there is none
    record Door(InetAddress address, ServerCredentials credentials, @Nullable String inProcess) {}

    @SuppressWarnings("NullAway.Init") // start() fills the servers before anyone sees the object
    private ControlPlaneRole(
            ControlPlaneOptions options,
            Place place,
            ProblemListener problems,
            MeterRegistry registry) {
        this.options = options;
        this.place = place;
        Stores stores = place.stores();
        ControlPlane.Builder builder =
                ControlPlane.builder()
                        .name(this::advertisedAdmin)
                        .store(stores.metadata(), stores.keys())
                        .artifacts(stores.artifacts())
                        .builds(
                                StoreBuildQueue.builder(
                                                stores.metadata(),
                                                stores.keys(),
                                                stores.artifacts())
                                        .workerPatience(place.workerPatience())
                                        .build())
                        .clusterKey(place.key())
                        .versionsAbove(place.versionFloor())
                        .registry(registry)
                        .retention(options.retention())
                        .problems(problems);
        place.configs().forEach(builder::directory);
        this.controlPlane = builder.build();
    }

    /// Starts everything; the metadata store must answer.
    ///
    /// @throws CommandFailure with what to do; nothing is left running
    static ControlPlaneRole start(
            ControlPlaneOptions options,
            Place place,
            ProblemListener problems,
            MeterRegistry registry)
            throws IOException, InterruptedException {
        ControlPlaneRole role = new ControlPlaneRole(options, place, problems, registry);
        boolean started = false;
        try {
            role.serve();
            role.controlPlane.start();
            started = true;
            return role;
        } finally {
            if (!started) {
                role.close();
            }
        }
    }

    private void serve() throws IOException {
        List<BindableService> stream = controlPlane.streamServices();
        String inProcess = place.door().inProcess();
        if (inProcess != null) {
            InProcessServerBuilder local =
                    InProcessServerBuilder.forName(inProcess)
                            .maxInboundMessageSize(ControlPlane.STREAM_INBOUND_BYTES_MAX);
            stream.forEach(local::addService);
            servers.add(local.build().start());
        }
        streamServer =
                listen(
                        "--stream-port",
                        options.streamPort(),
                        ControlPlane.STREAM_INBOUND_BYTES_MAX,
                        stream);
        adminServer =
                listen(
                        "--admin-port",
                        options.adminPort(),
                        ControlPlane.ADMIN_INBOUND_BYTES_MAX,
                        controlPlane.adminServices());
    }

    private Server listen(
            String flag, int port, int inboundBytesMax, List<BindableService> services)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(place.door().address(), port);
        try {
            Server server =
                    GrpcTransport.listen(
                            address, place.door().credentials(), inboundBytesMax, services);
            servers.add(server);
            return server;
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on port "
                            + port
                            + " ("
                            + rootMessage(e)
                            + "): choose another with "
                            + flag,
                    e);
        }
    }

    ControlPlane controlPlane() {
        return controlPlane;
    }

    /// Waits until it knows what there is to run, and answers nodes.
    void awaitLoaded() throws InterruptedException {
        while (!controlPlane.isLoaded()) {
            LockSupport.parkNanos(POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped while the snapshot was loaded");
            }
        }
    }

    /// How others reach its admin API.
    private String advertisedAdmin() {
        String said = options.advertisedAdmin();
        if (said != null) {
            return said;
        }
        InetSocketAddress address = address(adminServer);
        return address.getAddress().isAnyLocalAddress()
                ? MachineName.get() + ":" + address.getPort()
                : GrpcTransport.shown(address);
    }

    /// Its part of the ready line.
    String listeners() {
        return "stream="
                + GrpcTransport.shown(address(streamServer))
                + " admin="
                + GrpcTransport.shown(address(adminServer));
    }

    private static InetSocketAddress address(Server server) {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    /// The servers end last: the control plane's last orders go out over them.
    @Override
    public void close() {
        controlPlane.close();
        servers.forEach(Server::shutdown);
        long deadline = System.nanoTime() + LAST_ORDERS.toNanos();
        try {
            for (Server server : servers) {
                server.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            servers.forEach(Server::shutdownNow);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
