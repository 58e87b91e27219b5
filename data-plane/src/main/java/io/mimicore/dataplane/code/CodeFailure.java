package io.mimicore.dataplane.code;

import static java.util.Objects.requireNonNull;

/// Why a call of user code failed.
///
/// @param function the function's name
/// @param message for the client; names the function, never holds a stack trace
public record CodeFailure(Kind kind, String function, String message) {
    public CodeFailure {
        requireNonNull(kind, "kind");
        requireNonNull(function, "function");
        requireNonNull(message, "message");
    }

    /// What went wrong, with the HTTP status it becomes.
    public enum Kind {
        /// An argument does not fit its parameter.
        ARGUMENT(400),
        /// The function returned an error.
        ERROR(500),
        /// It panicked.
        PANIC(500),
        /// A WASM trap, such as an access out of bounds or an exhausted stack.
        TRAP(500),
        /// It called exit.
        EXIT(500),
        /// It needed more than its memory limit.
        MEMORY(500),
        /// Its result is too large or not what its signature says.
        RESULT(500),
        /// It ran longer than its deadline.
        TIMEOUT(504),
        /// No instance was free in time.
        BUSY(503);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        /// The HTTP status of the answer.
        public int status() {
            return status;
        }
    }
}
