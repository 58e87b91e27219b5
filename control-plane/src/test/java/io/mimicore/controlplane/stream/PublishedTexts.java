package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.Forms;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.snapshot.SnapshotWriter;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Instant;
import java.util.Map;

/// A store that snapshots of texts are published into, by the one who leads.
final class PublishedTexts {
    private final SnapshotReader reader;
    private final SnapshotWriter writer;
    private final Fence fence;

    PublishedTexts(MetadataStore store, StoreKeys keys, ClusterKey key) {
        CachedContent content = CachedContent.of(new Objects(store, keys));
        reader = new SnapshotReader(store, keys, content);
        writer = new SnapshotWriter(store, keys, content, key, () -> Instant.EPOCH);
        String leader = keys.leader("control-plane");
        MetadataStore.Outcome elected =
                store.commit(Transaction.builder().put(leader, new byte[0]).build());
        fence = new Fence(leader, elected.revision());
    }

    SnapshotReader reader() {
        return reader;
    }

    /// Makes these APIs live, by name, and no others.
    Snapshot publish(Map<String, String> texts) {
        return requireNonNull(
                requireNonNull(writer.write(reader.live(), Forms.desired(texts), fence))
                        .snapshot());
    }
}
