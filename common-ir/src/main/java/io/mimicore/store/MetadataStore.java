package io.mimicore.store;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Small records under string keys, with etcd's semantics.
///
/// Every successful write transaction has its own revision, one higher than the last. Reads are
/// linearizable. Thread-safe; methods block and must not be called on an event loop.
///
/// Limits, the same for every adapter: [#OPERATIONS_MAX] operations in a branch of a transaction
/// and as many comparisons, [#TRANSACTION_BYTES_MAX] bytes of keys and values in one.
///
/// Every method throws [StoreException] when the store cannot be reached or cannot write, and
/// [StoreFullException] when it has no room left; a transaction that failed so may or may not have
/// taken effect.
public interface MetadataStore extends AutoCloseable {
    /// Operations in one branch of a transaction, and comparisons (etcd's default `--max-txn-ops`).
    int OPERATIONS_MAX = 128;

    /// Bytes of all keys and values written by one transaction: etcd's default
    /// `--max-request-bytes` of 1.5 MiB, less 64 KiB for 128 comparisons and the encoding.
    int TRANSACTION_BYTES_MAX = (1_536 - 64) * 1024;

    /// The entry at `key`.
    @Nullable Entry get(String key);

    /// All entries whose key begins with `prefix`, in key order, at one revision.
    Listing list(String prefix);

    /// The keys that begin with `prefix`, in key order, each with the revision of its last write.
    ///
    /// Meant for looking over many large values without reading them; an adapter that can leave
    /// them where they are does so.
    default List<KeyRevision> keys(String prefix) {
        return list(prefix).entries().stream()
                .map(entry -> new KeyRevision(entry.key(), entry.modRevision()))
                .toList();
    }

    /// Runs a transaction: all comparisons hold and `then` is done, or one fails and `otherwise`
    /// is.
    ///
    /// @throws IllegalArgumentException if it exceeds a limit or names a key twice in one branch
    Outcome commit(Transaction transaction);

    /// Delivers every change of keys with `prefix` after `revision`, in order, each once.
    ///
    /// Calls the listener from one thread at a time. If changes after `revision` are no longer
    /// known, [WatchListener#resync] comes first: list again and compare.
    ///
    /// @param revision usually [Listing#revision()]; events start at the next one
    Watch watch(String prefix, long revision, WatchListener listener);

    /// Grants a lease; keys put under it vanish when it is not renewed for `ttl`.
    ///
    /// The store renews it until it is closed or lost. A process that dies stops renewing.
    Lease lease(Duration ttl);

    @Override
    void close();

    /// An entry.
    ///
    /// @param createRevision revision of the transaction that made the key; the fence of leased
    ///   keys
    /// @param modRevision revision of its last write
    /// @param value its bytes, not copied; nobody writes to them
    record Entry(String key, byte[] value, long createRevision, long modRevision) {}

    /// A key without its value.
    ///
    /// @param modRevision revision of its last write
    record KeyRevision(String key, long modRevision) {}

    /// Entries at one revision.
    record Listing(List<Entry> entries, long revision) {
        public Listing {
            entries = List.copyOf(entries);
        }
    }

    /// What a transaction did.
    ///
    /// @param succeeded whether the comparisons held
    /// @param revision the store's revision afterwards
    record Outcome(boolean succeeded, long revision) {}

    /// A lease that is being renewed.
    interface Lease extends AutoCloseable {
        /// Its id, for [Transaction.Operation.Put#lease()].
        long id();

        /// Whether it is still certain that the store has not let it expire. Judged by the local
        /// monotonic clock, counted from before the last renewal was sent, so it errs early.
        boolean isAlive();

        /// Runs `action` once when the lease is lost, soon after; not when it is closed.
        void onLost(Runnable action);

        /// Ends the lease; its keys vanish.
        @Override
        void close();
    }

    /// A running watch.
    interface Watch extends AutoCloseable {
        /// Stops it; no event is delivered after this returns, unless called by the listener
        /// itself.
        @Override
        void close();
    }

    /// Takes events of a watch.
    interface WatchListener {
        /// Changes of one or more transactions, in order.
        void changed(List<Change> changes);

        /// Changes may have been missed: list again, compare, and go on from `listing`'s revision,
        /// which this watch does by itself. Events after it follow.
        void resync(Listing listing);
    }

    /// One change.
    sealed interface Change {
        /// A key was written.
        record Written(Entry entry) implements Change {}

        /// A key was deleted, or its lease ended.
        record Deleted(String key, long revision) implements Change {}
    }
}
