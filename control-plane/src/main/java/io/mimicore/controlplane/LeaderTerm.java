package io.mimicore.controlplane;

import io.mimicore.controlplane.catalog.Catalog;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.Publisher;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.source.DirectorySource;
import io.mimicore.controlplane.source.SourceId;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What runs while this process leads: the directories, the catalog and the publisher. Everything
/// starts from the store, so a term depends on none before it.
///
/// Directories tell the catalog, the catalog tells the publisher, the publisher tells the catalog
/// what is stored: each has its own thread, and none waits for the other except on the catalog's
/// full mailbox, which the catalog always empties.
final class LeaderTerm implements AutoCloseable {
    private final Catalog catalog;
    private final Publisher publisher;
    private final Map<SourceId, DirectorySource> sources = new HashMap<>();

    private LeaderTerm(ControlPlane.Parts parts, Fence fence, LiveSet live) {
        Relay relay = new Relay();
        this.publisher = parts.publisher(fence, relay);
        this.catalog =
                Catalog.builder()
                        .language(parts.language())
                        .builds(parts.builds(), parts.artifacts())
                        .time(parts.clock(), parts.scheduler())
                        .publisher(publisher::offer)
                        .watches(this::watchAlso)
                        .problems(parts.problems())
                        .build(live, parts.directories());
        relay.catalog = catalog;
        for (Path directory : parts.directories()) {
            var source =
                    DirectorySource.of(
                            directory,
                            parts.language()::isWellFormed,
                            parts.clock(),
                            parts.scheduler()::nanoTime,
                            catalog);
            sources.put(source.id(), source);
        }
    }

    /// Loads what the store holds and starts. Blocks.
    ///
    /// @throws io.mimicore.store.StoreException if the store fails
    static LeaderTerm start(ControlPlane.Parts parts, SnapshotReader reader, Fence fence) {
        LiveSet live = reader.live();
        var term = new LeaderTerm(parts, fence, live);
        term.publisher.start(live);
        term.catalog.start();
        term.sources.values().forEach(DirectorySource::start);
        return term;
    }

    Catalog catalog() {
        return catalog;
    }

    private void watchAlso(Catalog.WatchRequest request) {
        DirectorySource source = sources.get(request.config().source());
        if (source != null) {
            source.watchAlso(request.config().name(), request.references());
        }
    }

    /// Stops everything, who tells before who is told.
    @Override
    public void close() {
        sources.values().forEach(DirectorySource::close);
        publisher.close();
        catalog.close();
    }

    /// Joins two parts that need each other to be made.
    private static final class Relay implements Publisher.Listener {
        private volatile @Nullable Catalog catalog;

        @Override
        public void published(Desired desired, LiveSet live) {
            Catalog told = catalog;
            if (told != null) {
                told.published(desired, live);
            }
        }
    }
}
