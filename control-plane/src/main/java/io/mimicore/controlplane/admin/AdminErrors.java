package io.mimicore.controlplane.admin;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.mimicore.store.StoreException;

/// Errors of the admin API: `google.rpc.Status` with details, see AIP-193.
final class AdminErrors {
    private static final String DOMAIN = "mimicore.io";

    private AdminErrors() {}

    /// A field of the request that is wrong.
    static StatusRuntimeException badField(String field, String description) {
        var violation =
                BadRequest.FieldViolation.newBuilder()
                        .setField(field)
                        .setDescription(description)
                        .build();
        return error(
                Code.INVALID_ARGUMENT,
                field + ": " + description,
                Any.pack(BadRequest.newBuilder().addFieldViolations(violation).build()));
    }

    /// A resource that is not there.
    ///
    /// @param type such as `Api`
    static StatusRuntimeException notFound(String type, String name) {
        var resource =
                ResourceInfo.newBuilder()
                        .setResourceType(DOMAIN + "/" + type)
                        .setResourceName(name)
                        .build();
        return error(Code.NOT_FOUND, name + ": there is no such " + type, Any.pack(resource));
    }

    /// Only the leader knows.
    static StatusRuntimeException notLeading() {
        var info = ErrorInfo.newBuilder().setReason("NOT_LEADING").setDomain(DOMAIN).build();
        return error(
                Code.UNAVAILABLE, "this control plane does not lead at present", Any.pack(info));
    }

    /// The store cannot be read.
    static StatusRuntimeException storeFailed(StoreException cause) {
        var info = ErrorInfo.newBuilder().setReason("STORE_FAILED").setDomain(DOMAIN).build();
        return error(Code.UNAVAILABLE, "the store failed: " + cause.getMessage(), Any.pack(info));
    }

    private static StatusRuntimeException error(Code code, String message, Any detail) {
        return StatusProto.toStatusRuntimeException(
                Status.newBuilder()
                        .setCode(code.getNumber())
                        .setMessage(message)
                        .addDetails(detail)
                        .build());
    }
}
