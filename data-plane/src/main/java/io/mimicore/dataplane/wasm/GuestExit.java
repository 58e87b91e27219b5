package io.mimicore.dataplane.wasm;

/// Unwinds the guest's stack when it calls `proc_exit`. Has no stack trace of its own.
final class GuestExit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    GuestExit(int status) {
        super("exit status " + Integer.toUnsignedString(status), null, false, false);
        this.status = status;
    }

    /// The status that the guest gave.
    int status() {
        return status;
    }
}
