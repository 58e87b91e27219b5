package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

/// Why a version cannot be served.
///
/// @param api the API it is about; empty: the whole snapshot
/// @param code stable, such as `SIGNATURE` or `ARTIFACT`
public record NodeProblem(String api, String code, String message) {
    public NodeProblem {
        requireNonNull(api, "api");
        requireNonNull(code, "code");
        requireNonNull(message, "message");
    }
}
