package io.mimicore.dataplane.link;

import io.mimicore.dataplane.code.CodePool;
import java.util.concurrent.atomic.AtomicInteger;

/// A pool that several snapshots share, and that is closed when the last of them is gone.
///
/// Thread-safe. Starts with one holder.
final class SharedPool {
    private final CodePool pool;
    private final AtomicInteger holders = new AtomicInteger(1);

    SharedPool(CodePool pool) {
        this.pool = pool;
    }

    CodePool pool() {
        return pool;
    }

    /// Adds a holder, unless the pool is closed.
    boolean tryRetain() {
        return References.tryRetain(holders);
    }

    void release() {
        if (References.release(holders)) {
            pool.close();
        }
    }
}
