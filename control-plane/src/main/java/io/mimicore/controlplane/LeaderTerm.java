package io.mimicore.controlplane;

import io.mimicore.controlplane.catalog.Catalog;
import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.retention.GarbageCollector;
import io.mimicore.controlplane.retention.InUse;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.Publisher;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.source.DirectorySource;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.SourceId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What runs while this process leads: the directories, the catalog and the publisher. Everything
/// starts from the store, so a term depends on none before it.
///
/// Directories tell the catalog, the catalog tells the publisher, the publisher tells the catalog
/// what is stored: each has its own thread, and none waits for the other except on the catalog's
/// full mailbox, which the catalog always empties.
final class LeaderTerm implements AutoCloseable {
    /// Versions that a restored backup may have lost: a node that claims more is not believed.
    private static final long VERSIONS_LOST_MAX = 1_000_000;

    private final Catalog catalog;
    private final Publisher publisher;
    private final GarbageCollector garbage;
    private final Map<SourceId, DirectorySource> sources = new HashMap<>();

    private LeaderTerm(
            ControlPlane.Parts parts, Fence fence, LiveSet live, Supplier<Set<Long>> versions) {
        Relay relay = new Relay();
        this.publisher = parts.publisher(fence, relay, lastServed(live, versions.get()));
        this.catalog =
                Catalog.builder()
                        .language(parts.language())
                        .builds(parts.builds(), parts.artifacts())
                        .time(parts.clock(), parts.scheduler())
                        .publisher(publisher::offer)
                        .watches(this::watchAlso)
                        .asks(this::tellAgain)
                        .content(parts.content()::get)
                        .problems(parts.problems())
                        .build(live, parts.directories());
        relay.catalog = catalog;
        this.garbage = parts.garbageCollector(fence, new Wanted(versions));
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
    /// @param versions those that nodes run or prepare
    /// @throws io.mimicore.store.StoreException if the store fails
    static LeaderTerm start(
            ControlPlane.Parts parts,
            SnapshotReader reader,
            Fence fence,
            Supplier<Set<Long>> versions) {
        LiveSet live = reader.live();
        var term = new LeaderTerm(parts, fence, live, versions);
        term.publisher.start(live);
        term.catalog.start();
        term.sources.values().forEach(DirectorySource::start);
        term.garbage.start();
        return term;
    }

    /// The highest version that a node of any control plane runs: after a restored backup it is
    /// above the store's, and nodes do not go back.
    private static long lastServed(LiveSet live, Set<Long> versions) {
        long believable = live.version() + VERSIONS_LOST_MAX;
        return versions.stream()
                .filter(version -> version <= believable)
                .max(Comparator.naturalOrder())
                .orElse(0L);
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

    private void tellAgain(FileKey file) {
        DirectorySource source = sources.get(file.source());
        if (source != null) {
            source.tellAgain(file.name());
        }
    }

    /// Stops everything, who tells before who is told.
    @Override
    public void close() {
        sources.values().forEach(DirectorySource::close);
        publisher.close();
        catalog.close();
        garbage.close();
    }

    /// What the collector must leave alone.
    private final class Wanted implements InUse {
        private final Supplier<Set<Long>> versions;

        Wanted(Supplier<Set<Long>> versions) {
            this.versions = versions;
        }

        @Override
        public List<Collection<ApiForm>> wanted() {
            // What the publisher works on may be older than what the catalog wants.
            List<Collection<ApiForm>> snapshots = new ArrayList<>(publisher.wanted());
            snapshots.add(catalog.wanted());
            return snapshots;
        }

        @Override
        public Set<Long> versions() {
            return versions.get();
        }
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
