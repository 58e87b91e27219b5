package io.mimicore.dataplane.transport;

import org.jspecify.annotations.Nullable;

/// Reads the headers that decide where a message ends and whom it is for (RFC 9112 §3.2, §6).
final class Framing {
    private static final int LENGTH_DIGITS_MAX = 18;

    private Framing() {}

    static @Nullable Refusal read(RequestHead head) {
        head.hostIndex = -1;
        int hosts = 0;
        int lengths = 0;
        int codings = 0;
        int hostIndex = -1;
        for (int i = 0; i < head.headers; i++) {
            switch (head.nameEnd[i] - head.nameStart[i]) {
                case 4 -> {
                    if (head.isNamed(i, "host")) {
                        hosts++;
                        hostIndex = i;
                    }
                }
                case 6 -> {
                    if (head.isNamed(i, "expect")) {
                        if (!head.valueEqualsIgnoringCase(i, "100-continue")) {
                            return new Refusal(
                                    417, "expectation-failed", "Expect: (expected: 100-continue)");
                        }
                        head.expectContinue = !head.http10;
                    }
                }
                case 10 -> {
                    if (head.isNamed(i, "connection")) {
                        readConnection(head, i);
                    }
                }
                case 14 -> {
                    if (head.isNamed(i, "content-length")) {
                        lengths++;
                        head.contentLength = length(head, i);
                    }
                }
                case 17 -> {
                    if (head.isNamed(i, "transfer-encoding")) {
                        codings++;
                        head.chunked = head.valueEqualsIgnoringCase(i, "chunked");
                    }
                }
                default -> {}
            }
        }
        Refusal wrong = framing(head, lengths, codings);
        return wrong == null ? host(head, hosts, hostIndex) : wrong;
    }

    private static @Nullable Refusal framing(RequestHead head, int lengths, int codings) {
        if (codings > 0 && (head.http10 || codings > 1 || !head.chunked)) {
            return Refusal.malformed("Transfer-Encoding: (expected: chunked, once, on HTTP/1.1)");
        }
        if (lengths > 0 && codings > 0) {
            return Refusal.malformed(
                    "Content-Length and Transfer-Encoding: (expected: one of them)");
        }
        if (lengths > 1 || (lengths == 1 && head.contentLength < 0)) {
            return Refusal.malformed("Content-Length: (expected: digits, once)");
        }
        return null;
    }

    private static @Nullable Refusal host(RequestHead head, int hosts, int index) {
        if (hosts > 1 || (hosts == 0 && !head.http10)) {
            return Refusal.malformed("Host: (expected: once)");
        }
        if (hosts == 1) {
            int from = head.valueStart[index];
            int to = head.valueEnd[index];
            int end = hostEnd(head.bytes, from, to);
            if (end < 0) {
                return Refusal.malformed("Host: (expected: a host name, with a port or without)");
            }
            if (head.authorityStart >= 0 && !sameAuthority(head, from, to)) {
                return Refusal.malformed("Host: (expected: the same as in the target)");
            }
            head.host(from, end);
            head.hostIndex = index;
        } else if (head.authorityStart >= 0) {
            int end = hostEnd(head.bytes, head.authorityStart, head.authorityEnd);
            if (end < 0) {
                return Refusal.malformed("the target's host is none");
            }
            head.host(head.authorityStart, end);
        } else {
            head.host(0, 0);
        }
        return null;
    }

    private static boolean sameAuthority(RequestHead head, int from, int to) {
        int length = to - from;
        if (length != head.authorityEnd - head.authorityStart) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(head.bytes[from + i]) != lower(head.bytes[head.authorityStart + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    /// Where the host ends and the port, if any, begins; -1: it is no host (RFC 3986 §3.2.2).
    private static int hostEnd(byte[] bytes, int from, int to) {
        int i = from;
        if (i < to && bytes[i] == '[') {
            while (i < to && bytes[i] != ']') {
                if (!isHex(bytes[i]) && bytes[i] != ':' && bytes[i] != '.' && bytes[i] != '[') {
                    return -1;
                }
                i++;
            }
            if (i == to) {
                return -1;
            }
            i++;
        } else {
            while (i < to && isHostCharacter(bytes[i])) {
                i++;
            }
        }
        int end = i;
        if (i < to && bytes[i] == ':') {
            i++;
            while (i < to && bytes[i] >= '0' && bytes[i] <= '9') {
                i++;
            }
        }
        return i == to ? end : -1;
    }

    private static boolean isHostCharacter(byte c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~'
                || c == '%';
    }

    private static boolean isHex(byte c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static void readConnection(RequestHead head, int index) {
        int at = head.valueStart[index];
        int end = head.valueEnd[index];
        while (at < end) {
            int comma = HeadParser.indexOf(head.bytes, ',', at, end);
            int to = comma < 0 ? end : comma;
            int from = at;
            while (from < to && head.bytes[from] == ' ') {
                from++;
            }
            int last = to;
            while (last > from && head.bytes[last - 1] == ' ') {
                last--;
            }
            if (head.sameTextIgnoringCase("close", from, last)) {
                head.keepAlive = false;
            } else if (head.http10 && head.sameTextIgnoringCase("keep-alive", from, last)) {
                head.keepAlive = true;
            }
            at = to + 1;
        }
    }

    private static long length(RequestHead head, int index) {
        int from = head.valueStart[index];
        int to = head.valueEnd[index];
        if (from == to || to - from > LENGTH_DIGITS_MAX) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = head.bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
