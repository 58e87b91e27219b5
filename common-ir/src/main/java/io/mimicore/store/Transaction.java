package io.mimicore.store;

import java.util.ArrayList;
import java.util.List;

/// Comparisons and the writes they guard.
public record Transaction(
        List<Comparison> comparisons, List<Operation> then, List<Operation> otherwise) {
    public Transaction {
        comparisons = List.copyOf(comparisons);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
    }

    /// Starts a transaction.
    public static Builder builder() {
        return new Builder();
    }

    /// A condition on one key.
    public sealed interface Comparison {
        /// The key.
        String key();

        /// The key's last write has this revision; 0: the key does not exist.
        record ModRevision(String key, long revision) implements Comparison {}

        /// The key was made by this revision; 0: the key does not exist.
        record CreateRevision(String key, long revision) implements Comparison {}
    }

    /// A write.
    public sealed interface Operation {
        /// The key.
        String key();

        /// Writes a value.
        ///
        /// @param lease the lease it lives under; 0: none
        record Put(String key, byte[] value, long lease) implements Operation {}

        /// Deletes the key, if it exists.
        record Delete(String key) implements Operation {}
    }

    /// Collects a transaction.
    public static final class Builder {
        private final List<Comparison> comparisons = new ArrayList<>();
        private final List<Operation> then = new ArrayList<>();
        private final List<Operation> otherwise = new ArrayList<>();

        private Builder() {}

        /// Requires that `key` does not exist.
        public Builder ifAbsent(String key) {
            comparisons.add(new Comparison.CreateRevision(key, 0));
            return this;
        }

        /// Requires that `key` was last written by `revision`; 0: that it does not exist.
        public Builder ifModRevision(String key, long revision) {
            comparisons.add(new Comparison.ModRevision(key, revision));
            return this;
        }

        /// Requires that `key` was made by `revision`.
        public Builder ifCreateRevision(String key, long revision) {
            comparisons.add(new Comparison.CreateRevision(key, revision));
            return this;
        }

        /// Writes when the comparisons hold.
        public Builder put(String key, byte[] value) {
            then.add(new Operation.Put(key, value, 0));
            return this;
        }

        /// Writes under a lease when the comparisons hold.
        public Builder putLeased(String key, byte[] value, MetadataStore.Lease lease) {
            then.add(new Operation.Put(key, value, lease.id()));
            return this;
        }

        /// Deletes when the comparisons hold.
        public Builder delete(String key) {
            then.add(new Operation.Delete(key));
            return this;
        }

        /// Writes when a comparison fails.
        public Builder otherwisePut(String key, byte[] value) {
            otherwise.add(new Operation.Put(key, value, 0));
            return this;
        }

        /// The transaction.
        public Transaction build() {
            return new Transaction(comparisons, then, otherwise);
        }
    }
}
