package io.mimicore.dataplane.upstream;

import io.mimicore.dataplane.call.HeaderBlock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is sent before the body.
///
/// @param method a token
/// @param target path and query, percent-encoded, from the first `/`; nobody writes to it
/// @param host the value of `Host`, or `:authority`
/// @param fixed header fields that are the same for many requests, without framing and `Host`
/// @param more header fields of this one, likewise
/// @param bodyLength bytes of the body; [#NO_BODY], or [#UNKNOWN_LENGTH] for one that is streamed
/// @param upgrade whether a 101 is wanted: `fixed` or `more` then has `Connection` and `Upgrade`;
///   HTTP/1.1 only
/// @param writer writes the head in place of `target`, `host`, `fixed` and `more`; only for an
///   authority that speaks HTTP/1.1
// Compared by identity only: a record here is a plain carrier.
@SuppressWarnings("ArrayRecordComponent")
public record UpstreamRequest(
        String method,
        byte[] target,
        byte[] host,
        HeaderBlock fixed,
        List<HeaderBlock.Field> more,
        long bodyLength,
        boolean upgrade,
        @Nullable HeadWriter writer) {
    private static final byte[] NOTHING = {};

    /// There is no body.
    public static final long NO_BODY = -1;

    /// There is a body whose length is not known.
    public static final long UNKNOWN_LENGTH = -2;

    /// A request whose head is made of these parts.
    public UpstreamRequest(
            String method,
            byte[] target,
            byte[] host,
            HeaderBlock fixed,
            List<HeaderBlock.Field> more,
            long bodyLength,
            boolean upgrade) {
        this(method, target, host, fixed, more, bodyLength, upgrade, null);
    }

    /// A request whose head is written by somebody else.
    public static UpstreamRequest written(
            String method, long bodyLength, boolean upgrade, HeadWriter writer) {
        return new UpstreamRequest(
                method,
                NOTHING,
                NOTHING,
                HeaderBlock.EMPTY,
                List.of(),
                bodyLength,
                upgrade,
                writer);
    }

    /// Whether the caller writes a body.
    boolean hasBody() {
        return bodyLength == UNKNOWN_LENGTH || bodyLength > 0;
    }

    /// Whether a request without a body says that its length is 0 (RFC 9110 §8.6).
    boolean announcesEmptyBody() {
        return bodyLength == 0
                || (bodyLength == NO_BODY
                        && (method.equals("POST")
                                || method.equals("PUT")
                                || method.equals("PATCH")));
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
