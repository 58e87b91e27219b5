package io.mimicore.controlplane.retention;

import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreKeys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The objects in the store, and which of them may go. Methods block; not thread-safe.
final class StoredObjects {
    private final MetadataStore store;
    private final StoreKeys keys;
    private final FencedDeletes deletes;
    private final Retention retention;
    // An object is its keys with their revisions: written anew, it is another one.
    private final Ages<List<KeyRevision>> unused = new Ages<>();

    StoredObjects(MetadataStore store, StoreKeys keys, FencedDeletes deletes, Retention retention) {
        this.store = store;
        this.keys = keys;
        this.deletes = deletes;
        this.retention = retention;
    }

    /// The keys of each object, the record before its chunks.
    Map<Digest, List<KeyRevision>> list() {
        Map<Digest, List<KeyRevision>> objects = new LinkedHashMap<>();
        for (KeyRevision key : store.keys(keys.objects())) {
            Digest digest = digestOf(key.key());
            if (digest != null) {
                objects.computeIfAbsent(digest, _ -> new ArrayList<>(1)).add(key);
            }
        }
        return objects;
    }

    /// Removes the objects of a listing that nothing refers to.
    ///
    /// @return how many
    int trim(Map<Digest, List<KeyRevision>> listing, Reachable reachable, long nowNanos) {
        List<List<KeyRevision>> candidates =
                listing.entrySet().stream()
                        .filter(object -> !reachable.hasObject(object.getKey()))
                        .map(object -> List.copyOf(object.getValue()))
                        .toList();
        return deletes.delete(unused.olderThan(retention.grace(), candidates, nowNanos));
    }

    /// Whether an object waits for its time to go.
    boolean isAging() {
        return !unused.isEmpty();
    }

    private @Nullable Digest digestOf(String key) {
        int from = keys.objects().length();
        int to = from + 2 * Digest.BYTES;
        if (key.length() < to || (key.length() > to && key.charAt(to) != '/')) {
            return null;
        }
        try {
            return new Digest(key.substring(from, to));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }
}
