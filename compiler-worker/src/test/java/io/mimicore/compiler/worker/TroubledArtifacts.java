package io.mimicore.compiler.worker;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An artifact store that can be down, take nothing, or hang in a way that no interruption ends.
/// Thread-safe.
final class TroubledArtifacts implements ArtifactStore {
    private final ArtifactStore store;
    private final AtomicInteger puts = new AtomicInteger();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean down;
    private volatile boolean full;
    private volatile boolean hangs;

    TroubledArtifacts(ArtifactStore store) {
        this.store = store;
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

    private ArtifactStore reached() {
        if (down) {
            throw new StoreException("connection refused");
        }
        return store;
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
        return reached().put(content);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        return reached().open(digest);
    }

    @Override
    public boolean contains(Digest digest) {
        return reached().contains(digest);
    }

    @Override
    public void delete(Digest digest) {
        reached().delete(digest);
    }

    @Override
    public List<Listed> list() {
        return reached().list();
    }

    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        return reached().presign(digest, validity);
    }
}
