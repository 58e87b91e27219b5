package io.mimicore.cli;

import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Problem;

/// Problems as the admin API tells them.
final class ReceivedProblem {
    private ReceivedProblem() {}

    /// The problem as it is known here. A code of a newer control plane is shown in the message.
    static Diagnostic read(Problem problem) {
        var place =
                new Place(
                        problem.getFile(),
                        Math.max(1, problem.getLine()),
                        Math.max(1, problem.getColumn()),
                        problem.getPointer(),
                        problem.getGoLine());
        DiagnosticCode code;
        String message = problem.getMessage();
        try {
            code = DiagnosticCode.valueOf(problem.getCode());
        } catch (IllegalArgumentException _) {
            code = DiagnosticCode.INTERNAL;
            message = problem.getCode() + ": " + message;
        }
        return problem.getWarning()
                ? Diagnostic.warning(place, code, message, problem.getHint())
                : Diagnostic.error(place, code, message, problem.getHint());
    }
}
