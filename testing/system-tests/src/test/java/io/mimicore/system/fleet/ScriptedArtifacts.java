package io.mimicore.system.fleet;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An artifact store whose first URLs are handed out by a script. Thread-safe.
final class ScriptedArtifacts implements ArtifactStore {
    private final ArtifactStore store;
    private final List<URI> first;
    private final AtomicInteger presigned = new AtomicInteger();

    /// @param first what [#presign] gives, before it asks `store`
    ScriptedArtifacts(ArtifactStore store, List<URI> first) {
        this.store = store;
        this.first = List.copyOf(first);
    }

    int presigned() {
        return presigned.get();
    }

    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        int number = presigned.getAndIncrement();
        return number < first.size() ? first.get(number) : store.presign(digest, validity);
    }

    @Override
    public Stored put(byte[] content) {
        return store.put(content);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        return store.open(digest);
    }

    @Override
    public boolean contains(Digest digest) {
        return store.contains(digest);
    }

    @Override
    public void delete(Digest digest) {
        store.delete(digest);
    }

    @Override
    public List<Listed> list() {
        return store.list();
    }
}
