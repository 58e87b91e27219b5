package io.mimicore.dataplane.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/// A whole answer that does not depend on the request, encoded once. Immutable.
public final class StaticAnswer {
    private final int status;
    private final List<String> headers;
    private final byte[] head;
    private final byte[] body;

    /// @param status 200..599
    /// @param headers names and values in turn; names are tokens, values have no CR, LF or NUL
    /// @param body not copied; nobody writes to it
    public StaticAnswer(int status, List<String> headers, byte[] body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 200..599)");
        }
        if (headers.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "headers: " + headers + " (expected: names and values in turn)");
        }
        this.status = status;
        this.headers = List.copyOf(headers);
        this.head = encodeHead();
        this.body = body;
    }

    /// The status.
    public int status() {
        return status;
    }

    /// Names and values in turn.
    public List<String> headers() {
        return headers;
    }

    /// The header fields as HTTP/1.1 sends them, each with its CRLF. Shared, nobody writes to it.
    public byte[] head() {
        return head;
    }

    /// The body. Shared, nobody writes to it.
    public byte[] body() {
        return body;
    }

    private byte[] encodeHead() {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < headers.size(); i += 2) {
            fields.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
        }
        return fields.toString().getBytes(UTF_8);
    }
}
