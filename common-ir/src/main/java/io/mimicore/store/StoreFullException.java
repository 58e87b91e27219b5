package io.mimicore.store;

/// The store takes no more: its quota or its disk is used up. Reading goes on; writing does again
/// once an operator has made room.
public final class StoreFullException extends StoreException {
    private static final long serialVersionUID = 1L;

    /// @param message what was tried and what the store said
    public StoreFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
