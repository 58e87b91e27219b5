package io.mimicore.dataplane.transport;

/// Is told of each request that the transport refuses by itself. Called on event loops.
@FunctionalInterface
public interface RefusalListener {
    /// @param status of the answer
    /// @param reason a word from a closed set, the last part of the problem's type
    void refused(int status, String reason);

    /// The request has no handler that hears of its end; told besides [#refused].
    default void unhandled(int status) {}
}
