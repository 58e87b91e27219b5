package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.codec.http.HttpResponseStatus;

/// Status lines of HTTP/1.1, encoded once (RFC 9112 §4).
final class StatusLine {
    private static final byte[][] LINES = new byte[600][];

    static {
        for (int status = 100; status < LINES.length; status++) {
            LINES[status] =
                    ("HTTP/1.1 "
                                    + status
                                    + " "
                                    + HttpResponseStatus.valueOf(status).reasonPhrase()
                                    + "\r\n")
                            .getBytes(US_ASCII);
        }
    }

    private StatusLine() {}

    static byte[] of(int status) {
        return LINES[status];
    }

    static String reason(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }
}
