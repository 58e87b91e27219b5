package io.mimicore.dataplane.spans;

import static java.util.Objects.requireNonNull;

import java.net.URI;

/// Where spans go, and of which requests.
///
/// @param endpoint `http` or `https`, with a host; the collector's base URL, below which
///   `v1/traces` takes spans (OTLP Specification 1.7, "OTLP/HTTP Request")
/// @param ratio the share of traces begun here that is kept, 0..1; a trace that a client has begun
///   is kept if the client says so
/// @param cluster name of the cluster
/// @param nodeId name of the node
/// @param build this program's version
public record SpanSettings(
        URI endpoint, double ratio, String cluster, String nodeId, String build) {
    private static final String PATH = "/v1/traces";

    public SpanSettings {
        requireNonNull(cluster, "cluster");
        requireNonNull(nodeId, "nodeId");
        requireNonNull(build, "build");
        String scheme = endpoint.getScheme();
        boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        if (!http || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "endpoint: " + endpoint + " (expected: http://HOST:PORT or https://…)");
        }
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0..1)");
        }
    }

    /// Where requests with spans are sent.
    URI traces() {
        String base = endpoint.toString();
        if (base.endsWith(PATH)) {
            return endpoint;
        }
        return URI.create(base.endsWith("/") ? base + PATH.substring(1) : base + PATH);
    }
}
