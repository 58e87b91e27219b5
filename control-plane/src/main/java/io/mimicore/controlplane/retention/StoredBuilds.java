package io.mimicore.controlplane.retention;

import static java.util.Objects.requireNonNull;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.ir.Digest;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.Entry;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The builds in the store, and which of them may go. Methods block; not thread-safe.
final class StoredBuilds {
    /// Builds removed in one transaction: three comparisons, two deletes each.
    private static final int BATCH_MAX = 40;

    private final MetadataStore store;
    private final StoreKeys keys;
    private final FencedDeletes deletes;
    private final Retention retention;
    private final Ages<KeyRevision> done = new Ages<>();
    private final Ages<KeyRevision> failed = new Ages<>();
    private final Ages<KeyRevision> abandoned = new Ages<>();

    StoredBuilds(MetadataStore store, StoreKeys keys, FencedDeletes deletes, Retention retention) {
        this.store = store;
        this.keys = keys;
        this.deletes = deletes;
        this.retention = retention;
    }

    /// One look at all builds.
    ///
    /// @param artifacts those that DONE records name
    /// @param sources the objects that requests name
    record Listing(List<Build> builds, Set<Digest> artifacts, Set<Digest> sources) {}

    /// A build whose state is known.
    record Build(Digest key, KeyRevision state, BuildState what, boolean isOwned) {}

    Listing list() {
        List<Entry> states = new ArrayList<>();
        Set<Digest> owned = new HashSet<>();
        Set<Digest> sources = new HashSet<>();
        for (Entry entry : store.list(keys.builds()).entries()) {
            Digest key = keys.buildKey(entry.key());
            if (key == null) {
                continue;
            }
            if (entry.key().equals(keys.buildOwner(key))) {
                owned.add(key);
            } else if (entry.key().equals(keys.buildRequest(key))) {
                sources.add(BuildRecords.decodeRequest(entry.value()).source());
            } else if (entry.key().equals(keys.buildState(key))) {
                states.add(entry);
            }
        }
        List<Build> builds = new ArrayList<>();
        Set<Digest> artifacts = new HashSet<>();
        for (Entry entry : states) {
            Digest key = requireNonNull(keys.buildKey(entry.key()));
            BuildState state = BuildRecords.decodeState(entry.value());
            if (state instanceof BuildState.Done built) {
                artifacts.add(built.artifact());
            }
            var revision = new KeyRevision(entry.key(), entry.modRevision());
            builds.add(new Build(key, revision, state, owned.contains(key)));
        }
        return new Listing(builds, artifacts, sources);
    }

    /// Removes the builds that are of no use any more.
    ///
    /// @return how many
    int trim(Listing listing, Reachable reachable, long nowNanos) {
        List<KeyRevision> unused = new ArrayList<>();
        List<KeyRevision> wrong = new ArrayList<>();
        List<KeyRevision> waiting = new ArrayList<>();
        for (Build build : listing.builds()) {
            if (build.isOwned()) {
                continue;
            }
            switch (build.what()) {
                case BuildState.Done built -> {
                    if (!reachable.hasArtifact(built.artifact())) {
                        unused.add(build.state());
                    }
                }
                case BuildState.Failed _ -> wrong.add(build.state());
                case BuildState.Queued _, BuildState.Running _ -> waiting.add(build.state());
            }
        }
        wrong.sort(Comparator.comparingLong(KeyRevision::modRevision).reversed());
        Set<KeyRevision> leaving = new HashSet<>();
        leaving.addAll(done.olderThan(retention.grace(), unused, nowNanos));
        leaving.addAll(failed.olderThan(Retention.FAILED_BUILD_AGE, wrong, nowNanos));
        leaving.addAll(abandoned.olderThan(Retention.ABANDONED_BUILD_AGE, waiting, nowNanos));
        leaving.addAll(
                wrong.subList(Math.min(wrong.size(), Retention.FAILED_BUILDS_MAX), wrong.size()));
        return remove(listing.builds().stream().filter(b -> leaving.contains(b.state())).toList());
    }

    /// Whether a build waits for its time to go.
    boolean isAging() {
        return !done.isEmpty() || !failed.isEmpty() || !abandoned.isEmpty();
    }

    private int remove(List<Build> builds) {
        int removed = 0;
        for (int from = 0; from < builds.size(); from += BATCH_MAX) {
            List<Build> batch = builds.subList(from, Math.min(builds.size(), from + BATCH_MAX));
            Transaction.Builder transaction = deletes.transaction();
            for (Build build : batch) {
                transaction
                        .ifModRevision(build.state().key(), build.state().modRevision())
                        .ifAbsent(keys.buildOwner(build.key()))
                        .delete(build.state().key())
                        .delete(keys.buildRequest(build.key()));
            }
            removed += deletes.commit(transaction).succeeded() ? batch.size() : 0;
        }
        return removed;
    }
}
