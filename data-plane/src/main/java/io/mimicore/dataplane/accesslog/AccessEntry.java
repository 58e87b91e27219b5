package io.mimicore.dataplane.accesslog;

import java.util.List;

/// One answered request, as the access log tells it.
///
/// @param timeMillis when its head was complete, in milliseconds since 1970
/// @param traceId 32 hex digits; empty: the client named no trace
/// @param client the address of the connection; empty: unknown
/// @param status 499: the client went away before the answer
/// @param bodyBytes bytes of the answer's body
/// @param durationNanos from the complete head to the end of the answer
/// @param api empty, with `route`: none matched
/// @param version of the snapshot that answered; 0: none did
record AccessEntry(
        long timeMillis,
        String requestId,
        String traceId,
        String client,
        String method,
        String host,
        String path,
        int status,
        long bodyBytes,
        long durationNanos,
        String api,
        String route,
        long version,
        List<UpstreamCall> upstream) {

    /// One call to an upstream.
    ///
    /// @param status 0: no answer came
    record UpstreamCall(String call, int status, long durationNanos) {}
}
