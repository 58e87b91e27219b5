package io.mimicore.benchmarks.fleet;

import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.mimicore.proto.admin.v1.GetVersionRequest;
import io.mimicore.proto.admin.v1.VersionServiceGrpc;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;

/// A control plane in a process of its own, and what it says about itself. Confined to one thread.
final class ControlPlaneProcess implements AutoCloseable {
    private final MimicoreProcess process;
    private final ManagedChannel admin;

    ControlPlaneProcess(MimicoreProcess process) {
        this.process = process;
        this.admin =
                NettyChannelBuilder.forAddress("127.0.0.1", process.admin().getPort())
                        .usePlaintext()
                        .build();
    }

    long pid() {
        return process.pid();
    }

    String streamAddress() {
        return "127.0.0.1:" + process.stream().getPort();
    }

    boolean leads() {
        return metric("mimicore_leader") == 1;
    }

    /// The first sample of a metric whose line begins so; 0 without one.
    double metric(String beginning) {
        try (RawConnection connection = RawConnection.open(process.metrics())) {
            return connection
                    .send(RawRequest.get("localhost", "/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(beginning))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .findFirst()
                    .orElse(0);
        }
    }

    /// When a version was published, in milliseconds of the machine's clock.
    double publishedMillis(long version) {
        var request = GetVersionRequest.newBuilder().setName("versions/" + version).build();
        Timestamp time =
                VersionServiceGrpc.newBlockingStub(admin).getVersion(request).getPublishTime();
        return time.getSeconds() * 1e3 + time.getNanos() / 1e6;
    }

    /// Ends it with SIGKILL.
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        admin.shutdownNow();
        process.close();
    }
}
