package io.mimicore.dataplane.call;

import static java.util.Objects.requireNonNull;

/// Where an upstream is: the identity under which its connections are kept.
///
/// @param secure whether TLS is spoken
/// @param host in lower case; an IPv6 address without its brackets
/// @param port 1..65_535
public record Authority(boolean secure, String host, int port) {
    private static final int PORT_HTTP = 80;
    private static final int PORT_HTTPS = 443;

    public Authority {
        requireNonNull(host, "host");
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: \"\" (expected: not empty)");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
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

    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + hostField();
    }
}
