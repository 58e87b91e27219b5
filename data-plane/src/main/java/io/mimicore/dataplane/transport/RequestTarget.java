package io.mimicore.dataplane.transport;

import org.jspecify.annotations.Nullable;

/// Reads a request target (RFC 9112 §3.2): origin-form, absolute-form, or `*` for `OPTIONS`.
final class RequestTarget {
    private RequestTarget() {}

    static @Nullable Refusal read(RequestHead head, int from, int to) {
        byte[] bytes = head.bytes;
        for (int i = from; i < to; i++) {
            if (bytes[i] <= ' ' || bytes[i] == 0x7f || bytes[i] == '#') {
                return Refusal.malformed(
                        "the target holds a character that must be percent-encoded");
            }
        }
        if (bytes[from] == '/') {
            split(head, from, to);
            head.authorityStart = -1;
            return null;
        }
        if (to - from == 1 && bytes[from] == '*' && head.method().equals("OPTIONS")) {
            head.path(from, to);
            head.query(from, from);
            head.targetStart = from;
            head.targetEnd = to;
            head.authorityStart = -1;
            return null;
        }
        return readAbsolute(head, from, to);
    }

    private static @Nullable Refusal readAbsolute(RequestHead head, int from, int to) {
        int authority;
        if (to - from > 7 && head.sameTextIgnoringCase("http://", from, from + 7)) {
            authority = from + 7;
        } else if (to - from > 8 && head.sameTextIgnoringCase("https://", from, from + 8)) {
            authority = from + 8;
        } else {
            return Refusal.malformed("the target is neither a path nor an absolute http URL");
        }
        int end = authority;
        while (end < to && head.bytes[end] != '/' && head.bytes[end] != '?') {
            end++;
        }
        if (end == to || head.bytes[end] != '/') {
            return Refusal.malformed("the target's URL has no path");
        }
        head.authorityStart = authority;
        head.authorityEnd = end;
        split(head, end, to);
        return null;
    }

    private static void split(RequestHead head, int from, int to) {
        head.targetStart = from;
        head.targetEnd = to;
        int mark = HeadParser.indexOf(head.bytes, '?', from, to);
        if (mark < 0) {
            head.path(from, to);
            head.query(to, to);
        } else {
            head.path(from, mark);
            head.query(mark + 1, to);
        }
    }
}
