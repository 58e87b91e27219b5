package io.mimicore.controlplane.admin;

import io.mimicore.controlplane.catalog.AdminSource;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.source.SourceId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What only the leading control plane can tell and do. Thread-safe.
public interface Leading {
    /// The catalog as it is now; absent: this process does not lead.
    @Nullable CatalogView view();

    /// Where configs are applied; absent: this process does not lead.
    @Nullable AdminSource adminSource();

    /// Removes what a source has lost and an alarm keeps.
    ///
    /// @return completes with the number of APIs; fails when this process does not lead
    CompletableFuture<Integer> confirmRemoval(SourceId source);

    /// The leader's admin address, `HOST:PORT`; empty: there is none at present. Blocks.
    ///
    /// @throws io.mimicore.store.StoreException if the store fails
    String leader();
}
