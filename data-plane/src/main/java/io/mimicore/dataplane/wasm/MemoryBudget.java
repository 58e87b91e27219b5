package io.mimicore.dataplane.wasm;

import java.util.concurrent.atomic.AtomicLong;

/// The bytes of linear memory that all instances of a node may hold together. Thread-safe.
///
/// One API's limits bound its own instances; this bounds their sum, so that no mix of APIs can take
/// the heap away from the node.
final class MemoryBudget {
    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    MemoryBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes `bytes` if they are there.
    boolean tryReserve(long bytes) {
        while (true) {
            long before = used.get();
            if (bytes > bytesMax - before) {
                return false;
            }
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    /// Takes `bytes`.
    ///
    /// @throws ExhaustedException if they are not there
    void reserve(long bytes) {
        if (!tryReserve(bytes)) {
            throw new ExhaustedException(
                    "no memory for another instance: "
                            + bytes
                            + " bytes (expected: at most "
                            + (bytesMax - used.get())
                            + " of the node's "
                            + bytesMax
                            + ")");
        }
    }

    /// Gives `bytes` back.
    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /// Bytes taken.
    long used() {
        return used.get();
    }

    /// The node has no memory for another instance.
    static final class ExhaustedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ExhaustedException(String message) {
            super(message);
        }
    }
}
