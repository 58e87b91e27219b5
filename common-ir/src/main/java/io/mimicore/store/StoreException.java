package io.mimicore.store;

/// The store cannot be reached, is full, or answered with an error of its own. Try again later.
public sealed class StoreException extends RuntimeException permits StoreFullException {
    private static final long serialVersionUID = 1L;

    /// @param message what was tried and what the store said
    public StoreException(String message) {
        super(message);
    }

    /// @param message what was tried
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
