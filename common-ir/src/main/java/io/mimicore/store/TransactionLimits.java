package io.mimicore.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.store.Transaction.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The limits that every adapter keeps, so that what works in one process works on etcd.
public final class TransactionLimits {
    private TransactionLimits() {}

    /// Refuses a transaction that some adapter could not take.
    ///
    /// @throws IllegalArgumentException if it exceeds a limit or names a key twice in one branch
    public static void require(Transaction transaction) {
        requireCount("comparisons", transaction.comparisons().size());
        requireBranch(transaction.then());
        requireBranch(transaction.otherwise());
        long bytes = bytes(transaction.then()) + bytes(transaction.otherwise());
        if (bytes > MetadataStore.TRANSACTION_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "transaction: "
                            + bytes
                            + " bytes (expected: at most "
                            + MetadataStore.TRANSACTION_BYTES_MAX
                            + ")");
        }
    }

    private static void requireBranch(List<Operation> operations) {
        requireCount("operations", operations.size());
        Set<String> keys = new HashSet<>();
        for (Operation operation : operations) {
            if (!keys.add(operation.key())) {
                throw new IllegalArgumentException(
                        "key: " + operation.key() + " (expected: once in a transaction)");
            }
        }
    }

    private static void requireCount(String what, int count) {
        if (count > MetadataStore.OPERATIONS_MAX) {
            throw new IllegalArgumentException(
                    "transaction: "
                            + count
                            + " "
                            + what
                            + " (expected: at most "
                            + MetadataStore.OPERATIONS_MAX
                            + ")");
        }
    }

    private static long bytes(List<Operation> operations) {
        long bytes = 0;
        for (Operation operation : operations) {
            bytes += operation.key().getBytes(UTF_8).length;
            if (operation instanceof Operation.Put put) {
                bytes += put.value().length;
            }
        }
        return bytes;
    }
}
