package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// The answer of a route.
///
/// @param status 200..599
public record Response(int status, List<HeaderTemplate> headers, Body body) {
    public Response {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 200..599)");
        }
        headers = List.copyOf(headers);
        requireNonNull(body, "body");
    }
}
