package io.mimicore.controlplane.store.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.mimicore.proto.etcd.v3.Compare;
import io.mimicore.proto.etcd.v3.DeleteRangeRequest;
import io.mimicore.proto.etcd.v3.PutRequest;
import io.mimicore.proto.etcd.v3.RequestOp;
import io.mimicore.proto.etcd.v3.TxnRequest;
import io.mimicore.store.Transaction;
import io.mimicore.store.Transaction.Comparison;
import io.mimicore.store.Transaction.Operation;

/// Transactions in etcd's form.
final class Transactions {
    private Transactions() {}

    static TxnRequest encode(Transaction transaction) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        transaction.comparisons().forEach(comparison -> request.addCompare(encode(comparison)));
        transaction.then().forEach(operation -> request.addSuccess(encode(operation)));
        transaction.otherwise().forEach(operation -> request.addFailure(encode(operation)));
        return request.build();
    }

    /// The first key and how many more, for messages.
    static String describe(Transaction transaction) {
        int operations = transaction.then().size();
        if (operations == 0) {
            return "nothing";
        }
        String first = transaction.then().getFirst().key();
        return operations == 1 ? first : first + " and " + (operations - 1) + " more";
    }

    /// Whether it writes a value when its comparisons hold: deletes work in a full store too.
    static boolean writes(Transaction transaction) {
        return transaction.then().stream().anyMatch(Operation.Put.class::isInstance);
    }

    private static Compare encode(Comparison comparison) {
        Compare.Builder compare =
                Compare.newBuilder()
                        .setResult(Compare.CompareResult.EQUAL)
                        .setKey(ByteString.copyFromUtf8(comparison.key()));
        switch (comparison) {
            case Comparison.ModRevision mod ->
                    compare.setTarget(Compare.CompareTarget.MOD).setModRevision(mod.revision());
            case Comparison.CreateRevision create ->
                    compare.setTarget(Compare.CompareTarget.CREATE)
                            .setCreateRevision(create.revision());
        }
        return compare.build();
    }

    private static RequestOp encode(Operation operation) {
        ByteString key = ByteString.copyFromUtf8(operation.key());
        return switch (operation) {
            case Operation.Put put ->
                    RequestOp.newBuilder()
                            .setRequestPut(
                                    PutRequest.newBuilder()
                                            .setKey(key)
                                            // Values are not written to by anyone.
                                            .setValue(UnsafeByteOperations.unsafeWrap(put.value()))
                                            .setLease(put.lease()))
                            .build();
            case Operation.Delete _ ->
                    RequestOp.newBuilder()
                            .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                            .build();
        };
    }
}
