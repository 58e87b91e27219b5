package io.mimicore.controlplane.admin;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.store.StoreException;
import java.util.List;
import java.util.Map;

/// Errors of the admin API: `google.rpc.Status` with details, see AIP-193.
final class AdminErrors {
    /// Of every `ErrorInfo`.
    static final String DOMAIN = "mimicore";

    private static final String RESOURCE_TYPES = "mimicore.io/";

    /// Clients of gRPC for Java take headers of 8 KiB by default, and details are in Base64.
    private static final int VIOLATIONS_BYTES_MAX = 4 * 1024;

    private static final int TEXT_CHARS_MAX = 500;

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
                        .setResourceType(RESOURCE_TYPES + type)
                        .setResourceName(name)
                        .build();
        return error(Code.NOT_FOUND, name + ": there is no such " + type, Any.pack(resource));
    }

    /// Only the leader can tell or do this.
    ///
    /// @param leader its admin address; empty: there is none at present
    static StatusRuntimeException notLeading(String leader) {
        if (leader.isEmpty()) {
            var info = ErrorInfo.newBuilder().setReason("NO_LEADER").setDomain(DOMAIN).build();
            return error(
                    Code.UNAVAILABLE,
                    "no control plane leads at present: try again in some seconds",
                    Any.pack(info));
        }
        return info(
                Code.FAILED_PRECONDITION,
                "NOT_LEADER",
                "this control plane does not lead: ask " + leader,
                Map.of("leader", leader));
    }

    /// An error with a reason and what belongs to it.
    static StatusRuntimeException info(
            Code code, String reason, String message, Map<String, String> metadata) {
        var info =
                ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build();
        return error(code, message, Any.pack(info));
    }

    /// The store cannot be read.
    static StatusRuntimeException storeFailed(StoreException cause) {
        var info = ErrorInfo.newBuilder().setReason("STORE_FAILED").setDomain(DOMAIN).build();
        return error(Code.UNAVAILABLE, "the store failed: " + cause.getMessage(), Any.pack(info));
    }

    /// A file that is wrong. As many of its errors are in the details as fit into headers that
    /// every client takes; the number of all is in the metadata.
    ///
    /// @param problems with at least one error
    static StatusRuntimeException rejected(List<Diagnostic> problems) {
        List<Diagnostic> errors = problems.stream().filter(Diagnostic::isError).toList();
        var violations = BadRequest.newBuilder();
        int bytes = 0;
        for (Diagnostic error : errors) {
            var violation =
                    BadRequest.FieldViolation.newBuilder()
                            .setField("content" + error.place().pointer())
                            .setDescription(described(error))
                            .setReason(error.code().name())
                            .build();
            bytes += violation.getSerializedSize();
            if (bytes > VIOLATIONS_BYTES_MAX) {
                break;
            }
            violations.addFieldViolations(violation);
        }
        String first = errors.isEmpty() ? "" : errors.getFirst().headline();
        String more = errors.size() < 2 ? "" : " (and " + (errors.size() - 1) + " more)";
        var info =
                ErrorInfo.newBuilder()
                        .setReason("CONFIG_REJECTED")
                        .setDomain(DOMAIN)
                        .putMetadata("errors", Integer.toString(errors.size()))
                        .putMetadata(
                                "shown", Integer.toString(violations.getFieldViolationsCount()))
                        .build();
        return StatusProto.toStatusRuntimeException(
                Status.newBuilder()
                        .setCode(Code.INVALID_ARGUMENT_VALUE)
                        .setMessage(cut(first) + more)
                        .addDetails(Any.pack(info))
                        .addDetails(Any.pack(violations.build()))
                        .build());
    }

    private static String described(Diagnostic error) {
        String hint = error.hint().isEmpty() ? "" : "; hint: " + error.hint();
        return cut(error.headline() + hint);
    }

    private static String cut(String text) {
        return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "…";
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
