package io.mimicore.controlplane.stream;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.TimeUnit;

/// Errors that end a stream, as `google.rpc.Status` with the time after which to come back.
final class Refusals {
    private Refusals() {}

    /// An error that is worth another try.
    static StatusRuntimeException retryable(Code code, String message, long afterNanos) {
        Duration delay =
                Duration.newBuilder()
                        .setSeconds(TimeUnit.NANOSECONDS.toSeconds(afterNanos))
                        .setNanos((int) (afterNanos % TimeUnit.SECONDS.toNanos(1)))
                        .build();
        return StatusProto.toStatusRuntimeException(
                Status.newBuilder()
                        .setCode(code.getNumber())
                        .setMessage(message)
                        .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()))
                        .build());
    }

    /// An error that stays.
    static StatusRuntimeException permanent(Code code, String message) {
        return StatusProto.toStatusRuntimeException(
                Status.newBuilder().setCode(code.getNumber()).setMessage(message).build());
    }
}
