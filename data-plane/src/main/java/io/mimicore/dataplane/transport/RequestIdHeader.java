package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/// The client's own `X-Request-Id`, if it is fit to be repeated: a token of at most 128 characters.
final class RequestIdHeader {
    private static final int LENGTH_MAX = 128;

    private RequestIdHeader() {}

    /// Index of the header; -1: there is none to use.
    static int indexIn(RequestHead head) {
        int index = head.indexOf("x-request-id");
        if (index < 0) {
            return -1;
        }
        int from = head.valueStart[index];
        int to = head.valueEnd[index];
        return to - from <= LENGTH_MAX && HeadParser.isToken(head.bytes, from, to) ? index : -1;
    }

    static @Nullable String of(RequestHead head) {
        int index = indexIn(head);
        if (index < 0) {
            return null;
        }
        int from = head.valueStart[index];
        return new String(head.bytes, from, head.valueEnd[index] - from, US_ASCII);
    }
}
