package io.mimicore.dataplane.validation;

import static java.util.Objects.requireNonNull;

import io.mimicore.diagnostics.DiagnosticCode;

/// A rule that cannot be checked.
///
/// @param code [DiagnosticCode#PATTERN_SYNTAX] or [DiagnosticCode#SCHEMA_INVALID]
/// @param message for the author
public record RuleProblem(DiagnosticCode code, String message) {
    public RuleProblem {
        requireNonNull(code, "code");
        requireNonNull(message, "message");
    }
}
