package io.mimicore.benchmarks.fleet;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.mimicore.proto.snapshot.v1.Activate;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.NodeMessage;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The least that a server can do for a fleet, in a process of its own: sends recorded offers to
/// all streams, and the order to activate to each that has prepared. It keeps no state of a node,
/// heeds no flow control and forgives nothing. The yardstick of [FleetBenchmark].
public final class BareFanOut extends SnapshotServiceGrpc.SnapshotServiceImplBase {
    private final Queue<StreamObserver<ControlMessage>> nodes = new ConcurrentLinkedQueue<>();

    private BareFanOut() {}

    /// Prints its port; then each line of standard input names a file of messages to send.
    public static void main(String[] arguments) throws IOException {
        var service = new BareFanOut();
        Server server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .addService(service)
                        .build()
                        .start();
        System.out.println(server.getPort());
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            service.send(Path.of(line));
        }
        server.shutdownNow();
    }

    @Override
    public StreamObserver<NodeMessage> stream(StreamObserver<ControlMessage> out) {
        nodes.add(out);
        return new StreamObserver<>() {
            @Override
            public void onNext(NodeMessage message) {
                if (message.hasPrepared()) {
                    long version = message.getPrepared().getVersion();
                    var order = Activate.newBuilder().setVersion(version);
                    out.onNext(ControlMessage.newBuilder().setActivate(order).build());
                }
            }

            @Override
            public void onError(Throwable failure) {
                nodes.remove(out);
            }

            @Override
            public void onCompleted() {
                nodes.remove(out);
            }
        };
    }

    private void send(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            ControlMessage message = ControlMessage.parseDelimitedFrom(in);
            while (message != null) {
                ControlMessage next = message;
                nodes.forEach(node -> node.onNext(next));
                message = ControlMessage.parseDelimitedFrom(in);
            }
        }
    }
}
