package io.mimicore.controlplane.store.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.store.MetadataStore;
import io.mimicore.store.Transaction;
import io.mimicore.store.Transaction.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The limits that every adapter keeps, so that what works in one process works on etcd.
final class TransactionLimits {
    private TransactionLimits() {}

    static void require(Transaction transaction) {
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
        if (operations.size() > MetadataStore.OPERATIONS_MAX) {
            throw new IllegalArgumentException(
                    "transaction: "
                            + operations.size()
                            + " operations (expected: at most "
                            + MetadataStore.OPERATIONS_MAX
                            + ")");
        }
        Set<String> keys = new HashSet<>();
        for (Operation operation : operations) {
            if (!keys.add(operation.key())) {
                throw new IllegalArgumentException(
                        "key: " + operation.key() + " (expected: once in a transaction)");
            }
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
