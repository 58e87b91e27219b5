package io.mimicore.cli;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mimicore.dataplane.accesslog.AccessLog;
import io.mimicore.dataplane.node.DataPlaneNode;
import io.mimicore.dataplane.snapshot.ControlPlanes;
import io.mimicore.dataplane.spans.SpanExport;
import io.mimicore.dataplane.transport.PortUnavailableException;
import io.mimicore.signing.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/// A running node with what it writes its log and its spans to.
final class NodeRole implements AutoCloseable {
    private final Parts parts = new Parts();
    private final NodeOptions options;
    private final Place place;
    private DataPlaneNode node;

    /// Where a node finds itself.
    ///
    /// @param nodeId its name in the cluster
    /// @param state its directory
    /// @param trust whose signatures count
    /// @param controlPlanes those that it may follow
    record Place(
            String cluster,
            String nodeId,
            Path state,
            Trust trust,
            List<ControlPlanes.Link> controlPlanes) {}

    @SuppressWarnings("NullAway.Init") // start() fills the node before anyone sees the object
    private NodeRole(NodeOptions options, Place place) {
        this.options = options;
        this.place = place;
    }

    /// Starts the node; what its disk holds is served when this returns.
    ///
    /// @throws CommandFailure with what to do; nothing is left running
    static NodeRole start(NodeOptions options, Place place, PrometheusMeterRegistry registry)
            throws IOException, InterruptedException {
        NodeRole role = new NodeRole(options, place);
        boolean started = false;
        try {
            role.open(registry);
            started = true;
            return role;
        } finally {
            if (!started) {
                role.close();
            }
        }
    }

    private void open(PrometheusMeterRegistry registry) throws IOException, InterruptedException {
        DataPlaneNode.Builder builder = describe().registry(registry);
        options.labels().forEach(builder::label);
        place.controlPlanes().forEach(it -> builder.controlPlane(it.address(), it.channel()));
        options.upstreams().describe(builder);
        AccessLog accessLog = options.accessLog().start();
        if (accessLog != null) {
            builder.accessLog(parts.keep(accessLog));
        }
        SpanExport spans = options.spans().start(place.cluster(), place.nodeId());
        if (spans != null) {
            builder.spans(parts.keep(spans));
        }
        try {
            node = parts.keep(builder.start());
        } catch (PortUnavailableException e) {
            String flag = e.port() == options.port() ? "--port" : "--metrics-port";
            throw new IOException(e.getMessage() + ": choose another with " + flag, e);
        }
    }

    private DataPlaneNode.Builder describe() {
        return DataPlaneNode.builder()
                .nodeId(place.nodeId())
                .cluster(place.cluster())
                .build(Main.BuiltVersion.version())
                .trafficAddress(new InetSocketAddress(options.port()))
                .metricsAddress(new InetSocketAddress(options.metricsPort()))
                .state(place.state())
                .trusted(place.trust())
                .stop(options.stop());
    }

    DataPlaneNode node() {
        return node;
    }

    /// Its part of the ready line.
    String listeners() {
        return "traffic=http://"
                + GrpcTransport.shown(node.trafficAddress())
                + " metrics=http://"
                + GrpcTransport.shown(node.metricsAddress());
    }

    @Override
    public void close() {
        parts.close();
    }
}
