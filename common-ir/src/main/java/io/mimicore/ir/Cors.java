package io.mimicore.ir;

import java.util.List;

/// Which cross-origin requests a browser may make (Fetch standard, CORS protocol).
///
/// @param origins exact origins; `*` alone stands for any
/// @param methods methods a preflight allows; empty: those the path's routes serve
/// @param headers request headers a preflight allows; empty: those it asks for
/// @param exposeHeaders response headers a script may read
/// @param credentials whether cookies may come along; never together with any origin
/// @param maxAgeSeconds how long a preflight may be remembered; 0: the browser's default
public record Cors(
        List<String> origins,
        List<String> methods,
        List<String> headers,
        List<String> exposeHeaders,
        boolean credentials,
        long maxAgeSeconds) {

    /// What an API without `cors` has: any origin, no credentials.
    public static final Cors OPEN =
            new Cors(List.of("*"), List.of(), List.of(), List.of(), false, 0);

    public Cors {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        exposeHeaders = List.copyOf(exposeHeaders);
        if (credentials && origins.contains("*")) {
            throw new IllegalArgumentException(
                    "credentials: true (expected: false when any origin is allowed)");
        }
        if (maxAgeSeconds < 0) {
            throw new IllegalArgumentException(
                    "maxAgeSeconds: " + maxAgeSeconds + " (expected: >= 0)");
        }
    }

    /// Whether every origin is allowed.
    public boolean anyOrigin() {
        return origins.contains("*");
    }
}
