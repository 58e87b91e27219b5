package io.mimicore.dataplane.http;

import io.mimicore.dataplane.trace.TraceContext;
import org.jspecify.annotations.Nullable;

/// A call to an upstream that has ended, for those who watch the request it was made for.
///
/// @param name its name in the config
/// @param to where it went
/// @param status of the response; 0: none came
/// @param failure what went wrong, of the closed set that metrics use; empty: nothing
/// @param startNanos when it began, by the clock of [Exchange#startNanos]
/// @param endNanos when it ended, by the same clock
/// @param span what was passed on as its span; absent: nothing was
public record UpstreamCall(
        String name,
        Destination to,
        int status,
        String failure,
        long startNanos,
        long endNanos,
        @Nullable TraceContext span) {

    /// Where a call went.
    ///
    /// @param scheme `http`, `https` or `unix`
    /// @param host a name, an address, or a socket's path; empty: it was not known yet
    /// @param port 0: a socket has none, or it was not known yet
    /// @param target path and query as sent; nobody writes to it; empty: not known
    // Compared by identity only: a record here is a plain carrier.
    @SuppressWarnings("ArrayRecordComponent")
    public record Destination(String method, String scheme, String host, int port, byte[] target) {}

    /// How long it took, in nanoseconds.
    public long nanos() {
        return endNanos - startNanos;
    }
}
