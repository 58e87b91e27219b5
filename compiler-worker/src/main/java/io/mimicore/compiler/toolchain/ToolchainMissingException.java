package io.mimicore.compiler.toolchain;

/// A toolchain is not on this machine. The message says what is missing and how to get it.
public final class ToolchainMissingException extends Exception {
    private static final long serialVersionUID = 1L;

    ToolchainMissingException(String message) {
        super(message);
    }
}
