package io.mimicore.controlplane.retention;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.leader.Fence;
import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.controlplane.time.WakeableThread;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.ArtifactStore.Listed;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.MetadataStore.KeyRevision;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what nothing refers to any more, for as long as one leadership lasts.
///
/// A pass asks first what this process is about to use, then reads the store: versions beyond the
/// kept ones go; content that neither a version, a source record, a build nor this process refers
/// to, and that was so at every pass for the grace, goes in transactions that compare the fence and
/// the revision of every key. Whoever uses old content again writes it again, which is a new
/// revision. Nothing is removed at a pass that cannot read everything.
///
/// One virtual thread makes the passes; nobody interrupts it.
public final class GarbageCollector implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);

    private final MetadataStore store;
    private final StoreKeys keys;
    private final SnapshotReader reader;
    private final InUse inUse;
    private final RetentionMetrics metrics;
    private final LongSupplier ticker;
    private final Duration passEvery;
    private final FencedDeletes deletes;
    private final NodeReports nodes;
    private final VersionRecords versions;
    private final StoredObjects objects;
    private final StoredBuilds builds;
    private final StoredArtifacts artifacts;
    private final StaleUploads uploads;
    private final WakeableThread thread = new WakeableThread("garbage-collector");
    private Map<Digest, List<ApiEntry>> buckets = new HashMap<>();
    // The store's revision at the last pass that came to its end.
    private long cleanRevision = -1;

    private GarbageCollector(Stores stores, Fence fence, Retention retention, Process process) {
        this.store = stores.metadata();
        this.keys = stores.keys();
        this.reader = stores.reader();
        this.inUse = process.inUse();
        this.metrics = process.metrics();
        this.ticker = process.ticker();
        this.passEvery = retention.passEvery();
        this.deletes = new FencedDeletes(store, fence);
        this.nodes = new NodeReports(store, keys, deletes);
        this.versions = new VersionRecords(store, keys, deletes, retention);
        this.objects = new StoredObjects(store, keys, deletes, retention);
        this.builds = new StoredBuilds(store, keys, deletes, retention);
        this.artifacts = new StoredArtifacts(store, keys, stores.artifacts(), deletes, retention);
        this.uploads = new StaleUploads(stores.artifacts(), deletes, retention);
    }

    /// What is cleaned.
    ///
    /// @param reader reads what `metadata` holds
    public record Stores(
            MetadataStore metadata,
            StoreKeys keys,
            ArtifactStore artifacts,
            SnapshotReader reader) {
        public Stores {
            requireNonNull(metadata, "metadata");
            requireNonNull(keys, "keys");
            requireNonNull(artifacts, "artifacts");
            requireNonNull(reader, "reader");
        }
    }

    /// The process that cleans.
    ///
    /// @param ticker nanoseconds that never go back
    public record Process(InUse inUse, RetentionMetrics metrics, LongSupplier ticker) {
        public Process {
            requireNonNull(inUse, "inUse");
            requireNonNull(metrics, "metrics");
            requireNonNull(ticker, "ticker");
        }
    }

    /// A collector that is not started.
    ///
    /// @param fence of the leadership it works under
    public static GarbageCollector of(
            Stores stores, Fence fence, Retention retention, Process process) {
        return new GarbageCollector(stores, fence, retention, process);
    }

    /// Starts; the first pass comes after the usual pause.
    public void start() {
        thread.start(this::run);
    }

    private void run() {
        while (!thread.isClosed()) {
            thread.await(passEvery);
            if (thread.isClosed()) {
                return;
            }
            long started = ticker.getAsLong();
            try {
                if (!deletes.isLeading()) {
                    return;
                }
                Removed removed = pass();
                metrics.passed(removed, Duration.ofNanos(ticker.getAsLong() - started));
                report(removed);
                trimUploads();
            } catch (StoreException e) {
                metrics.failed();
                log.warn("cannot look for what is out of use, trying again later", e);
            }
        }
    }

    private void trimUploads() {
        int given = uploads.trim(ticker.getAsLong());
        if (given > 0) {
            metrics.uploadsGivenUp(given);
            log.info("gave up uploads that never ended uploads={}", given);
        }
    }

    /// Looks once and removes what may go.
    ///
    /// @throws StoreException if a store fails; what is removed by then may be any part
    Removed pass() {
        // Before anything is read: see the ADR.
        List<Collection<ApiForm>> wanted = inUse.wanted();
        Set<Long> versionsInUse = inUse.versions();
        NodeReports.Versions reported = nodes.trim(ticker.getAsLong());
        long revision = store.list(keys.channels()).revision();
        if (revision == cleanRevision && !isAnythingAging()) {
            return Removed.NOTHING;
        }
        int goneVersions = versions.trim(versionsInUse, reported);
        Map<Digest, List<KeyRevision>> stored = objects.list();
        StoredBuilds.Listing listed = builds.list();
        Reachable reachable = new Reachable();
        wanted.forEach(reachable::snapshot);
        reader.sources().values().forEach(api -> reachable.form(api.form()));
        listed.sources().forEach(reachable::object);
        markVersions(reachable);

        long now = ticker.getAsLong();
        int goneBuilds = builds.trim(listed, reachable, now);
        int goneObjects = objects.trim(stored, reachable, now);
        List<Listed> goneArtifacts = artifacts.trim(reachable, builds, now);
        cleanRevision = revision;
        return new Removed(
                goneVersions,
                goneObjects,
                goneBuilds,
                goneArtifacts.size(),
                goneArtifacts.stream().mapToLong(Listed::bytes).sum());
    }

    private boolean isAnythingAging() {
        return objects.isAging() || builds.isAging() || artifacts.isAging();
    }

    private void markVersions(Reachable reachable) {
        Map<Digest, List<ApiEntry>> read = new HashMap<>();
        for (Snapshot snapshot : versions.all()) {
            for (Digest bucket : snapshot.buckets()) {
                if (!bucket.equals(SnapshotTree.EMPTY_BUCKET) && !read.containsKey(bucket)) {
                    List<ApiEntry> known = buckets.get(bucket);
                    List<ApiEntry> entries = known == null ? reader.bucket(bucket) : known;
                    read.put(bucket, entries);
                    reachable.bucket(bucket, entries);
                }
            }
        }
        // Most buckets are those of the pass before.
        buckets = read;
    }

    private static void report(Removed removed) {
        if (!removed.isNothing()) {
            log.info(
                    "removed what nothing refers to versions={} objects={} builds={} artifacts={}"
                            + " artifact_bytes={}",
                    removed.versions(),
                    removed.objects(),
                    removed.builds(),
                    removed.artifacts(),
                    removed.artifactBytes());
        }
    }

    /// Stops once a pass that is under way has ended.
    @Override
    public void close() {
        thread.close();
    }
}
