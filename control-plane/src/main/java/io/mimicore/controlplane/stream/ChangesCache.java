package io.mimicore.controlplane.stream;

import static java.util.Objects.requireNonNull;

import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.ir.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Offers by what they lead from and to, each made once and shared by all nodes that need it; the
/// ones used last are kept. Thread-safe, never blocks.
///
/// What a node has is looked up by what it says: a version whose root the store confirms is a base
/// for the changes; anything else is answered with everything.
final class ChangesCache {
    /// Pairs kept.
    static final int PAIRS_MAX = 64;

    /// Payload bytes kept, all pairs together; the pair that is being sent stays as long as it is.
    static final long BYTES_MAX = 256L * 1024 * 1024;

    private final SnapshotReader reader;
    private final Executor executor;
    private final Map<Pair, CompletableFuture<EncodedChanges>> pairs =
            new LinkedHashMap<>(16, 0.75f, true);
    private long encodings;

    /// @param executor for reading and encoding, which block
    ChangesCache(SnapshotReader reader, Executor executor) {
        this.reader = requireNonNull(reader, "reader");
        this.executor = requireNonNull(executor, "executor");
    }

    /// What a node says it has.
    ///
    /// @param root absent: it has nothing
    record Held(long version, @Nullable Digest root) {
        static final Held NOTHING = new Held(0, null);
    }

    /// The offer from `held` to `target`. It fails with a `StoreException` if the store does; a
    /// later call tries again.
    CompletableFuture<EncodedChanges> between(Held held, Snapshot target) {
        Pair pair = new Pair(held, target.version(), target.root());
        CompletableFuture<EncodedChanges> made;
        synchronized (this) {
            CompletableFuture<EncodedChanges> known = pairs.get(pair);
            if (known != null) {
                return known;
            }
            made = new CompletableFuture<>();
            pairs.put(pair, made);
        }
        executor.execute(() -> make(pair, target, made));
        return made;
    }

    /// How many offers were made so far.
    synchronized long encodings() {
        return encodings;
    }

    @SuppressWarnings("IllegalCatch") // whatever it is, those who wait must hear of it
    private void make(Pair pair, Snapshot target, CompletableFuture<EncodedChanges> made) {
        try {
            Snapshot base = base(pair.held(), target);
            if (base == null && !pair.held().equals(Held.NOTHING)) {
                // Whatever unknown thing it is: everything is the answer, the same for all of them.
                var _ =
                        between(Held.NOTHING, target)
                                .whenComplete((changes, failure) -> {
                                    if (failure == null) {
                                        made.complete(changes);
                                    } else {
                                        fail(pair, made, failure);
                                    }
                                });
                return;
            }
            synchronized (this) {
                encodings++;
            }
            made.complete(EncodedChanges.encode(reader, base, target));
            trim();
        } catch (RuntimeException e) {
            fail(pair, made, e);
        }
    }

    private void fail(Pair pair, CompletableFuture<EncodedChanges> made, Throwable failure) {
        synchronized (this) {
            pairs.remove(pair);
        }
        made.completeExceptionally(failure);
    }

    private @Nullable Snapshot base(Held held, Snapshot target) {
        if (held.root() == null) {
            return null;
        }
        if (held.root().equals(target.root())) {
            return target;
        }
        Snapshot stored = reader.version(held.version());
        return stored != null && stored.root().equals(held.root()) ? stored : null;
    }

    private synchronized void trim() {
        long bytes = pairs.values().stream().mapToLong(ChangesCache::bytes).sum();
        var oldest = pairs.values().iterator();
        while (oldest.hasNext() && (pairs.size() > PAIRS_MAX || bytes > BYTES_MAX)) {
            CompletableFuture<EncodedChanges> next = oldest.next();
            if (next.isDone()) {
                bytes -= bytes(next);
                oldest.remove();
            }
        }
    }

    private static long bytes(CompletableFuture<EncodedChanges> changes) {
        return changes.isDone() && !changes.isCompletedExceptionally() ? changes.join().bytes() : 0;
    }

    private record Pair(Held held, long version, Digest root) {}
}
