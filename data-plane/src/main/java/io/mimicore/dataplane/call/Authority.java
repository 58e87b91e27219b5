package io.mimicore.dataplane.call;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.http.UpstreamCall;

/// Where an upstream is: the identity under which its connections are kept.
///
/// @param secure whether TLS is spoken
/// @param host in lower case; an IPv6 address without its brackets for a socket its path
/// @param port 1..65_535
/// @param protocol what is spoken over its connections
public record Authority(boolean secure, String host, int port, Protocol protocol) {
    private static final int PORT_HTTP = 80;
    private static final int PORT_HTTPS = 443;

    /// What is spoken.
    public enum Protocol {
        /// What TLS chooses; HTTP/1.1 without TLS.
        ANY,
        /// HTTP/1.1 alone: of it, an upgrade can be asked for.
        HTTP_1,
        /// HTTP/1.1 over a Unix domain socket.
        UNIX_SOCKET
    }

    public Authority {
        requireNonNull(protocol, "protocol");
        requireNonNull(host, "host");
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: \"\" (expected: not empty)");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
    }

    /// With whatever protocol the upstream prefers.
    public Authority(boolean secure, String host, int port) {
        this(secure, host, port, Protocol.ANY);
    }

    /// Where HTTP/1.1 is spoken.
    public static Authority ofHttp1(boolean secure, String host, int port) {
        return new Authority(secure, host, port, Protocol.HTTP_1);
    }

    /// A Unix domain socket.
    ///
    /// @param path absolute
    public static Authority ofUnixSocket(String path) {
        return new Authority(false, path, PORT_HTTP, Protocol.UNIX_SOCKET);
    }

    /// The port of a scheme that names none.
    public static int defaultPort(boolean secure) {
        return secure ? PORT_HTTPS : PORT_HTTP;
    }

    /// As it stands in a `Host` field: the port only where it is not the scheme's own.
    public String hostField() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == defaultPort(secure) ? name : name + ":" + port;
    }

    /// Where a call to it goes, for those who watch the request it is made for.
    public UpstreamCall.Destination destination(String method, byte[] target) {
        boolean socket = protocol == Protocol.UNIX_SOCKET;
        String scheme = socket ? "unix" : secure ? "https" : "http";
        return new UpstreamCall.Destination(method, scheme, host, socket ? 0 : port, target);
    }

    @Override
    public String toString() {
        return protocol == Protocol.UNIX_SOCKET
                ? "unix:" + host
                : (secure ? "https://" : "http://") + hostField();
    }
}
