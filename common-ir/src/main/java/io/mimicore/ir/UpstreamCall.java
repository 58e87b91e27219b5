package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An HTTP call to an upstream, made as soon as the slots it reads are filled.
///
/// @param timeoutMillis connect to last byte, 1..600_000
/// @param onError the result of a failed call; absent: the failure ends the request
public record UpstreamCall(
        String name,
        int slot,
        String method,
        TextTemplate url,
        List<HeaderTemplate> headers,
        Body body,
        int timeoutMillis,
        @Nullable JsonTemplate onError) {
    public UpstreamCall {
        requireNonNull(name, "name");
        requireNonNull(method, "method");
        requireNonNull(url, "url");
        headers = List.copyOf(headers);
        requireNonNull(body, "body");
        if (timeoutMillis < 1 || timeoutMillis > 600_000) {
            throw new IllegalArgumentException(
                    "timeoutMillis: " + timeoutMillis + " (expected: 1..600000)");
        }
    }
}
