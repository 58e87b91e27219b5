package io.mimicore.dataplane.spans;

import io.mimicore.dataplane.http.UpstreamCall;
import io.mimicore.dataplane.trace.TraceContext;
import java.util.List;

/// What one request is told about: its own span and those of its calls.
///
/// @param span of the request
/// @param epochNanos what makes a time of the monotonic clock one since 1970, in nanoseconds
/// @param startNanos by the monotonic clock, as `endNanos` is
/// @param request what was asked for
/// @param answer what became of it
record RequestTrace(
        TraceContext span,
        long epochNanos,
        long startNanos,
        long endNanos,
        Request request,
        Answered answer,
        List<Call> calls) {
    RequestTrace {
        calls = List.copyOf(calls);
    }

    /// What the client asked for.
    ///
    /// @param client its address; empty: unknown
    /// @param userAgent empty: none was sent
    record Request(
            String id, String method, String host, String path, String client, String userAgent) {}

    /// What answered.
    ///
    /// @param status 0: the client went away before there was one
    /// @param api empty, with `route`: none matched
    /// @param version of the snapshot; 0: none did
    record Answered(int status, String api, String route, long version) {}

    /// A call and its span.
    record Call(TraceContext span, UpstreamCall call) {}

    /// How many spans these are.
    int spans() {
        return 1 + calls.size();
    }
}
