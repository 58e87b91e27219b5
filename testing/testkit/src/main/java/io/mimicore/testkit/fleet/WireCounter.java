package io.mimicore.testkit.fleet;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.concurrent.atomic.LongAdder;

/// Counts the bytes of messages that come in over the wire, with their frames of gRPC, without
/// those of HTTP/2 and TCP. Thread-safe.
final class WireCounter implements ClientInterceptor {
    private final LongAdder inbound = new LongAdder();

    long inboundBytes() {
        return inbound.sum();
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return next.newCall(method, options.withStreamTracerFactory(new Tracers()));
    }

    private final class Tracers extends ClientStreamTracer.Factory {
        @Override
        public ClientStreamTracer newClientStreamTracer(
                ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void inboundWireSize(long bytes) {
                    inbound.add(bytes);
                }
            };
        }
    }
}
