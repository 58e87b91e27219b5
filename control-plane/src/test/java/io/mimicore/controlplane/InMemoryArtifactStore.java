package io.mimicore.controlplane;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Artifacts in memory. Thread-safe.
public final class InMemoryArtifactStore implements ArtifactStore {
    private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();

    @Override
    public Stored put(byte[] content) {
        Digest digest = Digest.of(content);
        return new Stored(digest, contents.putIfAbsent(digest, content) == null);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        byte[] content = contents.get(digest);
        return content == null ? null : new ByteArrayInputStream(content);
    }

    @Override
    public boolean contains(Digest digest) {
        return contents.containsKey(digest);
    }

    @Override
    public void delete(Digest digest) {
        contents.remove(digest);
    }

    @Override
    public List<Listed> list() {
        return contents.entrySet().stream()
                .map(entry -> new Listed(entry.getKey(), entry.getValue().length, Instant.EPOCH))
                .toList();
    }

    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        return null;
    }
}
