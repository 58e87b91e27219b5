package io.mimicore.controlplane.retention;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.ArtifactStore.Listed;
import io.mimicore.store.CondemnedArtifacts;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The artifacts in the artifact store, and which of them may go. Methods block; not thread-safe.
///
/// The two stores share no transaction. So the digests are written into the metadata store first,
/// then the builds are looked at once more, and whatever a DONE record names by then stays; a
/// worker that ends a build of such an artifact later sees the digest, or that removals took place
/// since its build began, and builds again.
final class StoredArtifacts {
    private final MetadataStore store;
    private final StoreKeys keys;
    private final ArtifactStore artifacts;
    private final FencedDeletes deletes;
    private final Retention retention;
    private final Ages<Listed> unused = new Ages<>();

    StoredArtifacts(
            MetadataStore store,
            StoreKeys keys,
            ArtifactStore artifacts,
            FencedDeletes deletes,
            Retention retention) {
        this.store = store;
        this.keys = keys;
        this.artifacts = artifacts;
        this.deletes = deletes;
        this.retention = retention;
    }

    /// Removes the artifacts that neither a version nor a build refers to.
    ///
    /// @return those that are gone
    List<Listed> trim(Reachable reachable, StoredBuilds builds, long nowNanos) {
        acquitLeftOvers();
        Set<Digest> built = builds.list().artifacts();
        List<Listed> candidates =
                artifacts.list().stream()
                        .filter(artifact ->
                                !reachable.hasArtifact(artifact.digest())
                                        && !built.contains(artifact.digest()))
                        .toList();
        List<Listed> leaving =
                unused.olderThan(retention.grace(), candidates, nowNanos).stream()
                        .limit(CondemnedArtifacts.MAX)
                        .toList();
        if (leaving.isEmpty() || !condemn(leaving.stream().map(Listed::digest).toList())) {
            return List.of();
        }
        Set<Digest> saved = new HashSet<>(builds.list().artifacts());
        List<Listed> gone =
                leaving.stream().filter(artifact -> !saved.contains(artifact.digest())).toList();
        gone.forEach(artifact -> artifacts.delete(artifact.digest()));
        condemn(List.of());
        return gone;
    }

    /// Whether an artifact waits for its time to go.
    boolean isAging() {
        return !unused.isEmpty();
    }

    /// A leader that ended in the middle has left its list, which would keep workers waiting.
    private void acquitLeftOvers() {
        MetadataStore.Entry entry = store.get(keys.condemnedArtifacts());
        if (entry != null && entry.value().length > 0) {
            condemn(List.of());
        }
    }

    private boolean condemn(Collection<Digest> digests) {
        return deletes.commit(
                        deletes.transaction()
                                .put(keys.condemnedArtifacts(), CondemnedArtifacts.encode(digests)))
                .succeeded();
    }
}
