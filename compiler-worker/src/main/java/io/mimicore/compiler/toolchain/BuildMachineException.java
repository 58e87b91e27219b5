package io.mimicore.compiler.toolchain;

/// This machine cannot build: nothing is said about the program. Another worker, or a later try,
/// may well succeed.
public final class BuildMachineException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message what is wrong with the machine, for its operator
    public BuildMachineException(String message) {
        super(message);
    }

    /// @param message what was tried
    public BuildMachineException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
