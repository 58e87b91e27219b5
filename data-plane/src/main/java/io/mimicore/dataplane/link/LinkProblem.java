package io.mimicore.dataplane.link;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.DiagnosticCode;

/// Why an API cannot be served.
///
/// @param api the API's name
/// @param message for the author
public record LinkProblem(String api, DiagnosticCode code, String message) {
    public LinkProblem {
        requireNonNull(api, "api");
        requireNonNull(code, "code");
        requireNonNull(message, "message");
    }
}
