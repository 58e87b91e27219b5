package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.mimicore.ir.Digest;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The store's objects behind a memory of those used last, bounded in bytes.
public final class CachedContent implements ContentStore {
    /// Bytes kept in memory: some thousand APIs' IR.
    static final long CACHE_BYTES_MAX = 64L * 1024 * 1024;

    private final Objects objects;
    private final long cacheBytesMax;
    private final Map<Digest, byte[]> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long cacheBytes;

    private CachedContent(Objects objects, long cacheBytesMax) {
        this.objects = requireNonNull(objects, "objects");
        this.cacheBytesMax = cacheBytesMax;
    }

    /// Content of `objects`.
    public static CachedContent of(Objects objects) {
        return new CachedContent(objects, CACHE_BYTES_MAX);
    }

    static CachedContent of(Objects objects, long cacheBytesMax) {
        return new CachedContent(objects, cacheBytesMax);
    }

    @Override
    public void putAll(Map<Digest, byte[]> content) {
        objects.putAll(content.values());
        content.forEach(this::remember);
    }

    @Override
    public byte[] get(Digest digest) {
        byte[] known = recall(digest);
        if (known != null) {
            return known;
        }
        byte[] content = objects.get(digest);
        if (content == null) {
            throw new StoreException("object " + digest + " is not there");
        }
        remember(digest, content);
        return content;
    }

    private synchronized byte @Nullable [] recall(Digest digest) {
        return cache.get(digest);
    }

    private synchronized void remember(Digest digest, byte[] content) {
        if (content.length > cacheBytesMax || cache.put(digest, content) != null) {
            return;
        }
        cacheBytes += content.length;
        var oldest = cache.entrySet().iterator();
        while (cacheBytes > cacheBytesMax && oldest.hasNext()) {
            cacheBytes -= oldest.next().getValue().length;
            oldest.remove();
        }
    }
}
