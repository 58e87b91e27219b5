package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.http.HeadFields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The head of the current request: its bytes, and where its parts are.
///
/// One for each connection, filled anew by [HeadParser]. Texts that are the same as in the
/// connection's last request are not made again: a keep-alive client mostly repeats itself.
/// Confined to the connection's event loop.
public final class RequestHead implements HeadFields {
    /// [#contentLength()] of a request that announces none.
    public static final long NO_LENGTH = -1;

    private static final String[] METHODS = {
        "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"
    };

    byte[] bytes = new byte[1024];
    int length;
    final int[] nameStart;
    final int[] nameEnd;
    final int[] valueStart;
    final int[] valueEnd;
    int headers;

    boolean http10;
    boolean keepAlive;
    boolean chunked;
    boolean expectContinue;
    long contentLength;

    /// The authority of an absolute-form target; `authorityStart` is -1 for the other forms.
    int authorityStart = -1;

    int authorityEnd;

    /// Where the path begins and the query ends, in the bytes.
    int targetStart;

    int targetEnd;

    int methodEnd;

    /// Index of the one `Host` field; -1: HTTP/1.0 without.
    int hostIndex = -1;

    private String method = "GET";
    private String path = "/";
    private String query = "";
    private String host = "";

    RequestHead(int headersMax) {
        nameStart = new int[headersMax];
        nameEnd = new int[headersMax];
        valueStart = new int[headersMax];
        valueEnd = new int[headersMax];
    }

    void load(ByteBuf in, int size) {
        if (bytes.length < size) {
            bytes = new byte[Math.max(size, bytes.length * 2)];
        }
        in.readBytes(bytes, 0, size);
        length = size;
        headers = 0;
        http10 = false;
        keepAlive = true;
        chunked = false;
        expectContinue = false;
        contentLength = NO_LENGTH;
    }

    /// Whether a body follows.
    public boolean hasBody() {
        return chunked || contentLength > 0;
    }

    /// The body's announced length in bytes, or [#NO_LENGTH].
    public long contentLength() {
        return contentLength;
    }

    /// Whether the client speaks HTTP/1.0.
    public boolean isHttp10() {
        return http10;
    }

    /// Whether the client waits for 100 before it sends the body (RFC 9110 §10.1.1).
    public boolean expectsContinue() {
        return expectContinue;
    }

    /// Writes the method as it was sent.
    public void writeMethod(ByteBuf out) {
        out.writeBytes(bytes, 0, methodEnd);
    }

    /// Writes path and query as they were sent.
    public void writeTarget(ByteBuf out) {
        out.writeBytes(bytes, targetStart, targetEnd - targetStart);
    }

    /// Writes the host that was asked for, with the port if it was named; nothing if none was.
    public void writeHost(ByteBuf out) {
        if (hostIndex >= 0) {
            int from = valueStart[hostIndex];
            out.writeBytes(bytes, from, valueEnd[hostIndex] - from);
        } else if (authorityStart >= 0) {
            out.writeBytes(bytes, authorityStart, authorityEnd - authorityStart);
        }
    }

    @Override
    public int count() {
        return headers;
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int nameStart(int index) {
        return nameStart[index];
    }

    @Override
    public int nameEnd(int index) {
        return nameEnd[index];
    }

    @Override
    public int valueStart(int index) {
        return valueStart[index];
    }

    @Override
    public int valueEnd(int index) {
        return valueEnd[index];
    }

    /// The method.
    public String method() {
        return method;
    }

    String path() {
        return path;
    }

    String query() {
        return query;
    }

    String host() {
        return host;
    }

    void method(int from, int to) {
        methodEnd = to;
        for (String known : METHODS) {
            if (sameText(known, from, to)) {
                method = known;
                return;
            }
        }
        method = text(from, to);
    }

    void path(int from, int to) {
        if (!sameText(path, from, to)) {
            path = text(from, to);
        }
    }

    void query(int from, int to) {
        if (!sameText(query, from, to)) {
            query = text(from, to);
        }
    }

    /// Lower case in place first, so that the comparison with the last host is one of bytes.
    void host(int from, int to) {
        for (int i = from; i < to; i++) {
            int c = bytes[i];
            if (c >= 'A' && c <= 'Z') {
                bytes[i] = (byte) (c + ('a' - 'A'));
            }
        }
        if (!sameText(host, from, to)) {
            host = text(from, to);
        }
    }

    /// The value of a header, several joined; `name` in lower case.
    @Nullable String header(String name) {
        String joined = null;
        for (int i = 0; i < headers; i++) {
            if (isNamed(i, name)) {
                String value =
                        new String(bytes, valueStart[i], valueEnd[i] - valueStart[i], ISO_8859_1);
                if (joined == null) {
                    joined = value;
                } else {
                    // RFC 9110 §5.3; cookies have their own separator (RFC 9113 §8.2.3).
                    joined = joined + (name.equals("cookie") ? "; " : ", ") + value;
                }
            }
        }
        return joined;
    }

    /// Index of the header of the name; -1: none.
    int indexOf(String name) {
        for (int i = 0; i < headers; i++) {
            if (isNamed(i, name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public boolean isNamed(int header, String lowerCaseName) {
        return sameTextIgnoringCase(lowerCaseName, nameStart[header], nameEnd[header]);
    }

    boolean valueEqualsIgnoringCase(int header, String lowerCase) {
        return sameTextIgnoringCase(lowerCase, valueStart[header], valueEnd[header]);
    }

    boolean sameTextIgnoringCase(String lowerCase, int from, int to) {
        if (to - from != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            int c = bytes[from + i];
            if (c >= 'A' && c <= 'Z') {
                c += 'a' - 'A';
            }
            if (c != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    boolean sameText(String text, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, US_ASCII);
    }
}
