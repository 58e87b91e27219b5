package io.mimicore.dataplane.wasm;

import io.mimicore.dataplane.code.CodeFailure;

/// A call failed in a way that is known already. Has no stack trace: it is an outcome, not a fault.
final class CallFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final CodeFailure.Kind kind;

    /// @param detail for the client, without the function's name
    CallFailedException(CodeFailure.Kind kind, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
    }

    /// What the client is told.
    CodeFailure failure(String function) {
        return new CodeFailure(kind, function, function + ": " + getMessage());
    }
}
