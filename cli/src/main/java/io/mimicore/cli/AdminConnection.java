package io.mimicore.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a command reaches the admin API: the addresses are tried in turn, and a control plane that
/// does not lead names the one that does.
final class AdminConnection {
    /// How long one call that changes nothing may take.
    private static final int DEADLINE_SECONDS = 10;

    /// Largest answer that is taken, in bytes: gRPC's own default.
    private static final int ANSWER_BYTES_MAX = 4 * 1024 * 1024;

    private static final String NOT_LEADER = "NOT_LEADER";

    /// Reasons why nothing can be had from the control planes at present.
    private static final Set<String> NOBODY_THERE =
            Set.of(NOT_LEADER, "NO_LEADER", "LEADERSHIP_ENDED", "STOPPING", "STORE_FAILED");

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "${env:MIMICORE_ADMIN:-127.0.0.1:7071}",
            description = {
                "The admin API; several addresses, separated by commas, are tried in turn. With TLS"
                        + " if they",
                "begin with https://, or with no scheme and a --tls- flag is given",
                "(environment: MIMICORE_ADMIN; default: 127.0.0.1:7071)."
            })
    private List<String> addresses;

    @Mixin private TlsOptions tls;

    /// Makes calls over a channel to whoever can answer them.
    ///
    /// @param calls may be made again on another channel, after they have failed
    /// @throws StatusRuntimeException what the last one that was tried has answered
    <T> T call(Function<Channel, T> calls) {
        Endpoints endpoints = Endpoints.parse("--admin", String.join(",", addresses));
        endpoints.requireTlsUsed(tls);
        ChannelCredentials credentials = endpoints.credentials(tls);
        StatusRuntimeException last = null;
        for (String address : endpoints.addresses()) {
            try {
                return at(address, credentials, calls);
            } catch (StatusRuntimeException e) {
                ErrorInfo info = info(e);
                if (info != null && info.getReason().equals(NOT_LEADER)) {
                    return at(info.getMetadataOrDefault("leader", ""), credentials, calls);
                }
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw e;
                }
                last = e;
            }
        }
        throw last == null ? Status.UNAVAILABLE.asRuntimeException() : last;
    }

    private static <T> T at(
            String address, ChannelCredentials credentials, Function<Channel, T> calls) {
        ManagedChannel channel;
        try {
            channel = GrpcTransport.channel(address, credentials, ANSWER_BYTES_MAX);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.UNREACHABLE, "address: " + address + " (expected: HOST:PORT)", e);
        }
        try {
            return calls.apply(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    /// The stub with the time that its next call may take.
    static <S extends AbstractStub<S>> S limited(S stub) {
        return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /// What the person is told of a call that failed.
    CommandFailure failure(StatusRuntimeException e) {
        Status status = e.getStatus();
        String told = String.valueOf(status.getDescription());
        com.google.rpc.Status details = StatusProto.fromThrowable(e);
        if (details == null || details.getDetailsCount() == 0) {
            return switch (status.getCode()) {
                case UNAVAILABLE ->
                        new CommandFailure(
                                ExitCode.UNREACHABLE,
                                "the admin API at "
                                        + String.join(", ", addresses)
                                        + " cannot be reached: is mimicore running, and is --admin"
                                        + " right?",
                                e);
                case DEADLINE_EXCEEDED ->
                        new CommandFailure(
                                ExitCode.UNREACHABLE,
                                "the admin API at "
                                        + String.join(", ", addresses)
                                        + " did not answer in time",
                                e);
                default ->
                        new CommandFailure(ExitCode.REFUSED, "the admin API answered " + status, e);
            };
        }
        ErrorInfo info = info(e);
        boolean nobody = info != null && NOBODY_THERE.contains(info.getReason());
        return new CommandFailure(nobody ? ExitCode.UNREACHABLE : ExitCode.REFUSED, told, e);
    }

    /// Why a call was refused, for programs; absent: the answer does not say.
    static @Nullable ErrorInfo info(StatusRuntimeException e) {
        com.google.rpc.Status details = StatusProto.fromThrowable(e);
        if (details == null) {
            return null;
        }
        try {
            for (Any detail : details.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    return detail.unpack(ErrorInfo.class);
                }
            }
        } catch (InvalidProtocolBufferException _) {
            // As if it had none.
        }
        return null;
    }
}
