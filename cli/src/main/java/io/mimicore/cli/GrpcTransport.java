package io.mimicore.cli;

import io.grpc.BindableService;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.mimicore.proto.snapshot.v1.SnapshotServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one place where gRPC channels and servers on the network are set up. Whether they use TLS is
/// the credentials' matter.
final class GrpcTransport {
    private static final int CALLS_PER_CONNECTION_MAX = 16;

    /// Connections are ended after half an hour, give or take a tenth, so that clients spread over
    /// replicas that have come up meanwhile; calls have the grace to end, and streams are begun
    /// anew.
    private static final Duration CONNECTION_AGE_MAX = Duration.ofMinutes(30);

    private static final Duration CONNECTION_GRACE = Duration.ofMinutes(2);
    private static final int RST_FRAMES_MAX = 200;
    private static final int RST_WINDOW_SECONDS = 30;

    private GrpcTransport() {}

    /// A channel that finds a dead peer within 30 s while a call runs.
    ///
    /// @param endpoint `host:port`
    /// @param inboundBytesMax largest message that is taken
    static ManagedChannel channel(
            String endpoint, ChannelCredentials credentials, int inboundBytesMax) {
        return NettyChannelBuilder.forTarget(endpoint, credentials)
                .maxInboundMessageSize(inboundBytesMax)
                .keepAliveTime(20, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .build();
    }

    /// An address as a client on this machine can use it: `host:port`, loopback for every address.
    static String shown(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip.isAnyLocalAddress() ? "127.0.0.1" : ip.getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /// Starts a server.
    ///
    /// Clients may ping as often as nodes do; dead connections are found within 40 s; a client that
    /// opens and resets streams in a flood is cut off.
    ///
    /// @param inboundBytesMax largest message that is taken
    static Server listen(
            InetSocketAddress address,
            ServerCredentials credentials,
            int inboundBytesMax,
            List<BindableService> services)
            throws IOException {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(address, credentials)
                        .maxInboundMessageSize(inboundBytesMax)
                        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
                        .maxRstFramesPerWindow(RST_FRAMES_MAX, RST_WINDOW_SECONDS)
                        .permitKeepAliveTime(10, TimeUnit.SECONDS)
                        .maxConnectionAge(CONNECTION_AGE_MAX.toSeconds(), TimeUnit.SECONDS)
                        .maxConnectionAgeGrace(CONNECTION_GRACE.toSeconds(), TimeUnit.SECONDS)
                        .keepAliveTime(30, TimeUnit.SECONDS)
                        .keepAliveTimeout(10, TimeUnit.SECONDS);
        services.forEach(builder::addService);
        return builder.callExecutor(new ByMethod()).build().start();
    }

    /// Node streams hand every message over to threads of their own at once: on the threads of the
    /// connections they cost one change of threads, not two. Everything else may block.
    private static final class ByMethod implements ServerCallExecutorSupplier {
        private static final String STREAM =
                SnapshotServiceGrpc.getStreamMethod().getFullMethodName();

        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            return call.getMethodDescriptor().getFullMethodName().equals(STREAM)
                    ? Runnable::run
                    : null;
        }
    }
}
