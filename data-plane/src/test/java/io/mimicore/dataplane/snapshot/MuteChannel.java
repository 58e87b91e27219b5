package io.mimicore.dataplane.snapshot;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A channel whose connection never comes about, as to a machine that takes connections for a
/// process that does not run on.
final class MuteChannel extends ManagedChannel {
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();

    /// Calls begun so far.
    int calls() {
        return calls.get();
    }

    /// Calls given up so far.
    int cancelled() {
        return cancelled.get();
    }

    @Override
    public ConnectivityState getState(boolean requestConnection) {
        return ConnectivityState.CONNECTING;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        calls.incrementAndGet();
        return new ClientCall<>() {
            @Override
            public void start(Listener<A> listener, Metadata headers) {}

            @Override
            public void request(int count) {}

            @Override
            public void cancel(@Nullable String message, @Nullable Throwable cause) {
                cancelled.incrementAndGet();
            }

            @Override
            public void halfClose() {}

            @Override
            public void sendMessage(Q message) {}
        };
    }

    @Override
    public String authority() {
        return "mute";
    }

    @Override
    public ManagedChannel shutdown() {
        return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
        return this;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
