package io.mimicore.testkit;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An artifact store that passes every call on, for tests that alter some of them. As thread-safe
/// as the store behind it.
public class ForwardingArtifactStore implements ArtifactStore {
    private final ArtifactStore store;

    /// @param store what answers
    public ForwardingArtifactStore(ArtifactStore store) {
        this.store = store;
    }

    /// Who is asked by the next call, unless it is altered.
    protected ArtifactStore store() {
        return store;
    }

    @Override
    public Stored put(byte[] content) {
        return store().put(content);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        return store().open(digest);
    }

    @Override
    public boolean contains(Digest digest) {
        return store().contains(digest);
    }

    @Override
    public void delete(Digest digest) {
        store().delete(digest);
    }

    @Override
    public List<Listed> list() {
        return store().list();
    }

    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        return store().presign(digest, validity);
    }
}
