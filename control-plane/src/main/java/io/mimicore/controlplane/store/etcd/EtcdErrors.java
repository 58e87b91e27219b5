package io.mimicore.controlplane.store.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreFullException;

/// What etcd's answers mean. Its errors are gRPC codes with texts of etcd's `api/v3rpc/rpctypes`.
final class EtcdErrors {
    private static final String NO_SPACE = "database space exceeded";
    private static final String NO_LEASE = "requested lease not found";
    private static final String COMPACTED = "required revision has been compacted";
    private static final String TOO_LARGE = "request is too large";

    private EtcdErrors() {}

    /// The failure as the store tells it.
    ///
    /// @param what what was tried
    /// @throws IllegalArgumentException if the request was larger than this etcd takes
    static StoreException translate(String what, StatusRuntimeException e) {
        Status status = e.getStatus();
        String said = description(status);
        if (said.contains(NO_SPACE)) {
            return new StoreFullException(
                    what
                            + ": etcd's quota is used up; compact, defragment and disarm its alarm,"
                            + " see docs/operations.md ("
                            + said
                            + ")",
                    e);
        }
        if (said.contains(NO_LEASE)) {
            return new StoreException(what + ": the lease has ended", e);
        }
        if (said.contains(TOO_LARGE)) {
            throw new IllegalArgumentException(
                    what + ": too large for this etcd (expected: --max-request-bytes >= 1572864)",
                    e);
        }
        return new StoreException(what + ": etcd: " + said, e);
    }

    /// Whether another try, or another member, may answer otherwise.
    static boolean isPassing(StatusRuntimeException e) {
        Status status = e.getStatus();
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, UNKNOWN, INTERNAL, ABORTED -> true;
            case RESOURCE_EXHAUSTED -> description(status).contains("too many requests");
            case OK,
                    CANCELLED,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    false;
        };
    }

    /// Whether a listing at one revision came too late.
    static boolean isCompacted(StatusRuntimeException e) {
        return description(e.getStatus()).contains(COMPACTED);
    }

    /// Whether an answer was larger than this client takes.
    static boolean isOversized(Status status) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && !description(status).contains(NO_SPACE);
    }

    /// A status for people.
    static String description(Status status) {
        String text = status.getDescription();
        Throwable cause = status.getCause();
        return status.getCode()
                + (text == null ? "" : " " + text)
                + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage());
    }
}
