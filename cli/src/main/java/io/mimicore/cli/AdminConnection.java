package io.mimicore.cli;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/// How a command reaches the admin API.
final class AdminConnection {
    /// How long one call may take.
    private static final int DEADLINE_SECONDS = 10;

    /// Largest answer that is taken, in bytes: gRPC's own default.
    private static final int ANSWER_BYTES_MAX = 4 * 1024 * 1024;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:MIMICORE_ADMIN:-127.0.0.1:7071}",
            description = "The admin API (environment: MIMICORE_ADMIN; default: 127.0.0.1:7071).")
    private String address;

    /// Opens a channel; nothing is sent before the first call.
    Open open() {
        return new Open(GrpcTransport.channel(address, TlsOptions.plaintext(), ANSWER_BYTES_MAX));
    }

    /// The stub with the time that its next call may take.
    static <S extends AbstractStub<S>> S limited(S stub) {
        return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /// What the person is told of a call that failed.
    CommandFailure failure(StatusRuntimeException e) {
        Status status = e.getStatus();
        boolean unreachable =
                status.getCode() == Status.Code.UNAVAILABLE
                        || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
        return unreachable
                ? new CommandFailure(
                        ExitCode.UNREACHABLE,
                        "the admin API at "
                                + address
                                + " cannot be reached: is mimicore running, and is --admin right?",
                        e)
                : new CommandFailure(ExitCode.REFUSED, "the admin API answered " + status, e);
    }

    /// An open channel.
    record Open(ManagedChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            channel.shutdownNow();
        }
    }
}
