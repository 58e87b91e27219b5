package io.mimicore.controlplane.retention;

import io.mimicore.store.ArtifactStore;
import io.mimicore.store.ArtifactStore.Upload;
import java.util.List;

/// Uploads to the artifact store that were begun and never ended. Methods block; not thread-safe.
///
/// Workers put an artifact in one request, so none of these is about to become one; they are what
/// killed programs have left. Each is given the grace all the same, from when it was first seen, by
/// this process's clock.
final class StaleUploads {
    private final ArtifactStore artifacts;
    private final FencedDeletes deletes;
    private final Retention retention;
    private final Ages<Upload> open = new Ages<>();

    StaleUploads(ArtifactStore artifacts, FencedDeletes deletes, Retention retention) {
        this.artifacts = artifacts;
        this.deletes = deletes;
        this.retention = retention;
    }

    /// Gives up those that have been open for the grace, if this process still leads.
    ///
    /// @return how many
    int trim(long nowNanos) {
        List<Upload> stale = open.olderThan(retention.grace(), artifacts.uploads(), nowNanos);
        if (stale.isEmpty() || !deletes.isLeading()) {
            return 0;
        }
        stale.forEach(artifacts::abort);
        return stale.size();
    }
}
