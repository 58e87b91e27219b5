package io.mimicore.dataplane.upstream.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.ir.Serving;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where the requests of one API go, ready to be written. Immutable.
final class ProxyTarget implements ProxyCaller.Target {
    private final String name;
    private final byte[] basePath;
    private final byte @Nullable [] host;
    private final UpstreamCaller.Upstream upstream;

    private ProxyTarget(
            String name, String basePath, @Nullable String host, UpstreamCaller.Upstream upstream) {
        this.name = name;
        this.basePath = basePath.getBytes(US_ASCII);
        this.host = host == null ? null : host.getBytes(US_ASCII);
        this.upstream = upstream;
    }

    /// @throws IllegalArgumentException if the URL's host or port is none
    static ProxyTarget of(Serving.ProxyTarget target, UpstreamCaller upstreams) {
        return switch (target) {
            case Serving.ProxyTarget.UnixSocket socket ->
                    new ProxyTarget(
                            "unix:" + socket.path(),
                            "",
                            null,
                            upstreams.upstream(Authority.ofUnixSocket(socket.path())));
            case Serving.ProxyTarget.Upstream upstream -> of(upstream.url(), upstreams);
        };
    }

    private static ProxyTarget of(String url, UpstreamCaller upstreams) {
        URI uri = URI.create(url);
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("upstream: " + url + " (expected: with a host)");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() < 0 ? Authority.defaultPort(secure) : uri.getPort();
        Authority authority = Authority.ofHttp1(secure, bare.toLowerCase(Locale.ROOT), port);
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return new ProxyTarget(
                url, path.substring(0, end), authority.hostField(), upstreams.upstream(authority));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Authority authority() {
        return upstream.authority();
    }

    @Override
    public boolean hasBasePath() {
        return basePath.length > 0;
    }

    /// What stands before the request's path; without a slash at its end.
    byte[] basePath() {
        return basePath;
    }

    /// The value of `Host`; `null`: the client's own.
    byte @Nullable [] host() {
        return host;
    }

    UpstreamCaller.Upstream upstream() {
        return upstream;
    }
}
