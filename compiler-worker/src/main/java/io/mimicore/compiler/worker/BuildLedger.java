package io.mimicore.compiler.worker;

import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.ir.Digest;
import io.mimicore.store.CondemnedArtifacts;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// The store's side of single flight: who builds a key, and whose result counts.
///
/// `owner` is leased, so a worker that dies frees the key. It is not a lock: a worker that was
/// paused past its lease may still believe it owns the key. So every result is written in a
/// transaction that compares the fence, which is the revision that made `owner` and wrote `state`:
/// both must still be of that revision. Whoever comes late changes nothing.
///
/// Thread-safe; methods block and throw `StoreException` when the store fails.
final class BuildLedger {
    /// How long a key stays owned by a worker that stopped renewing.
    static final Duration OWNER_TTL = Duration.ofSeconds(20);

    private final MetadataStore store;
    private final StoreKeys keys;
    private final String worker;
    private final InstantSource clock;

    BuildLedger(MetadataStore store, StoreKeys keys, String worker, InstantSource clock) {
        this.clock = clock;
        this.store = store;
        this.keys = keys;
        this.worker = worker;
    }

    /// What is asked for. Absent: the record is gone.
    @Nullable QueuedRequest request(Digest key) {
        MetadataStore.Entry entry = store.get(keys.buildRequest(key));
        return entry == null ? null : BuildRecords.decodeRequest(entry.value());
    }

    /// How far a build is. Absent: nobody asked for it.
    @Nullable BuildState state(Digest key) {
        MetadataStore.Entry entry = store.get(keys.buildState(key));
        return entry == null ? null : BuildRecords.decodeState(entry.value());
    }

    /// Makes this worker the owner of the key, if it is to be built and nobody owns it.
    ///
    /// @return absent: somebody else was faster, or there is nothing to do
    @Nullable Claim claim(Digest key) {
        MetadataStore.Entry entry = store.get(keys.buildState(key));
        if (entry == null) {
            return null;
        }
        BuildState before = BuildRecords.decodeState(entry.value());
        if (!(before instanceof BuildState.Queued || before instanceof BuildState.Running)) {
            return null;
        }
        int attempt = before.attempt() + 1;
        long removals = removals();
        MetadataStore.Lease lease = store.lease(OWNER_TTL);
        boolean mine = false;
        try {
            MetadataStore.Outcome outcome =
                    store.commit(
                            Transaction.builder()
                                    .ifAbsent(keys.buildOwner(key))
                                    .ifModRevision(keys.buildState(key), entry.modRevision())
                                    .putLeased(
                                            keys.buildOwner(key),
                                            worker.getBytes(
                                                    java.nio.charset.StandardCharsets.UTF_8),
                                            lease)
                                    .put(
                                            keys.buildState(key),
                                            BuildRecords.encode(
                                                    new BuildState.Running(
                                                            attempt, worker, clock.millis())))
                                    .build());
            mine = outcome.succeeded();
            return mine
                    ? new Claim(key, before, attempt, outcome.revision(), removals, lease)
                    : null;
        } finally {
            if (!mine) {
                lease.close();
            }
        }
    }

    /// Notes why a build waits, if it still does and nobody has said why before.
    void explain(Digest key, String reason) {
        MetadataStore.Entry entry = store.get(keys.buildState(key));
        if (entry != null
                && BuildRecords.decodeState(entry.value()) instanceof BuildState.Queued waiting
                && waiting.reason().isEmpty()) {
            var explained = new BuildState.Queued(reason, waiting.attempt(), waiting.sinceMillis());
            store.commit(
                    Transaction.builder()
                            .ifAbsent(keys.buildOwner(key))
                            .ifModRevision(keys.buildState(key), entry.modRevision())
                            .put(keys.buildState(key), BuildRecords.encode(explained))
                            .build());
        }
    }

    /// Writes what became of the build and gives up the key.
    ///
    /// An artifact that was there already may be about to be removed as garbage. So a result that
    /// names one counts only if none was removed since the build began and this one is not to be.
    ///
    /// @return whether it counted; false: the key has another owner by now, or none, or artifacts
    ///   were removed meanwhile; then the key is built again
    boolean finish(Claim claim, BuildState result) {
        Transaction.Builder transaction =
                Transaction.builder()
                        .ifCreateRevision(keys.buildOwner(claim.key()), claim.fence())
                        .ifModRevision(keys.buildState(claim.key()), claim.fence())
                        .put(keys.buildState(claim.key()), BuildRecords.encode(dated(result)))
                        .delete(keys.buildOwner(claim.key()));
        if (result instanceof BuildState.Done done) {
            MetadataStore.Entry condemned = store.get(keys.condemnedArtifacts());
            if (condemned != null
                    && CondemnedArtifacts.decode(condemned.value()).contains(done.artifact())) {
                return false;
            }
            transaction.ifModRevision(keys.condemnedArtifacts(), claim.removals());
        }
        return store.commit(transaction.build()).succeeded();
    }

    private BuildState dated(BuildState result) {
        return result instanceof BuildState.Queued again
                ? new BuildState.Queued(again.reason(), again.attempt(), clock.millis())
                : result;
    }

    private long removals() {
        MetadataStore.Entry condemned = store.get(keys.condemnedArtifacts());
        return condemned == null ? 0 : condemned.modRevision();
    }

    /// The right to build a key for as long as the lease lives.
    ///
    /// @param before the state it was claimed in
    /// @param attempt which attempt this is, from 1
    /// @param fence the revision of the claim
    /// @param removals the revision of the last removal of artifacts before the claim; 0: none
    record Claim(
            Digest key,
            BuildState before,
            int attempt,
            long fence,
            long removals,
            MetadataStore.Lease lease) {}
}
