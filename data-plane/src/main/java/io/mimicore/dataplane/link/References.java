package io.mimicore.dataplane.link;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts holders of something that ends when none is left. Zero is final.
final class References {
    private References() {}

    /// Adds one, unless none is left.
    static boolean tryRetain(AtomicInteger count) {
        int now = count.get();
        while (now > 0) {
            if (count.compareAndSet(now, now + 1)) {
                return true;
            }
            now = count.get();
        }
        return false;
    }

    /// Takes one away.
    ///
    /// @return whether it was the last
    static boolean release(AtomicInteger count) {
        int left = count.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("references: " + left + " (expected: >= 0)");
        }
        return left == 0;
    }
}
