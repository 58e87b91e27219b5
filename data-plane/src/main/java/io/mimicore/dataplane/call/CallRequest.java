package io.mimicore.dataplane.call;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One call to make. Whoever makes it leaves the arrays alone afterwards.
///
/// @param method a token
/// @param target path and query as they are sent, percent-encoded, from the first `/`
/// @param host the `Host` field's value
/// @param fixed header fields that are the same for every call
/// @param more header fields of this one
/// @param body absent: there is none
/// @param timeoutMillis until the last byte of the response, the wait for a connection included
// Compared by identity only: a record here is a plain carrier.
@SuppressWarnings("ArrayRecordComponent")
public record CallRequest(
        String method,
        byte[] target,
        byte[] host,
        HeaderBlock fixed,
        List<HeaderBlock.Field> more,
        byte @Nullable [] body,
        int timeoutMillis) {}
