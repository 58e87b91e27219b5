package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// An HTTP/1.1 request as it goes over the wire.
///
/// @param headers whole lines, without their ends
public record RawRequest(String method, String target, List<String> headers, byte[] body) {
    public RawRequest {
        headers = List.copyOf(headers);
    }

    /// A GET.
    public static RawRequest get(String host, String target) {
        return of("GET", host, target);
    }

    /// A request of any method without a body.
    public static RawRequest of(String method, String host, String target) {
        return new RawRequest(method, target, List.of("Host: " + host), new byte[0]);
    }

    /// A POST of JSON.
    public static RawRequest post(String host, String target, String json) {
        return of("POST", host, target).header("Content-Type", "application/json").body(json);
    }

    /// The same with one more header.
    public RawRequest header(String name, String value) {
        List<String> more = new ArrayList<>(headers);
        more.add(name + ": " + value);
        return new RawRequest(method, target, more, body);
    }

    /// The same with this body and its length.
    public RawRequest body(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        RawRequest sized = header("Content-Length", Integer.toString(bytes.length));
        return new RawRequest(method, target, sized.headers, bytes);
    }

    byte[] toBytes() {
        var head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(UTF_8));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }
}
