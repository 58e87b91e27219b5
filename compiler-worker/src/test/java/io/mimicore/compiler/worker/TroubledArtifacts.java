package io.mimicore.compiler.worker;

import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import io.mimicore.testkit.ForwardingArtifactStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// An artifact store that can be down, take nothing, or hang in a way that no interruption ends.
/// Thread-safe.
final class TroubledArtifacts extends ForwardingArtifactStore {
    private final AtomicInteger puts = new AtomicInteger();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean down;
    private volatile boolean full;
    private volatile boolean hangs;

    TroubledArtifacts(ArtifactStore store) {
        super(store);
    }

    void down(boolean isDown) {
        down = isDown;
    }

    /// Questions are answered, but nothing is stored.
    void full(boolean isFull) {
        full = isFull;
    }

    void hang() {
        hangs = true;
    }

    void awaitHanging() throws InterruptedException {
        hanging.await();
    }

    void release() {
        release.countDown();
    }

    int puts() {
        return puts.get();
    }

    @Override
    protected ArtifactStore store() {
        if (down) {
            throw new StoreException("connection refused");
        }
        return super.store();
    }

    @Override
    public Stored put(byte[] content) {
        puts.incrementAndGet();
        if (full) {
            throw new StoreException("no room");
        }
        if (hangs) {
            hanging.countDown();
            boolean released = false;
            while (!released) {
                try {
                    release.await();
                    released = true;
                } catch (InterruptedException _) {
                    // As a read of a socket goes on.
                }
            }
        }
        return super.put(content);
    }
}
