package io.mimicore.testkit.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Checks offers in full, each different one once for all nodes: every node still hashes what it
/// was sent, and the same offer with other bytes is a fault. Thread-safe.
final class OfferChecks {
    private static final int KEPT_MAX = 256;

    private final @Nullable TrustedKey key;
    private final Map<OfferId, Checked> checked =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<OfferId, Checked> eldest) {
                    return size() > KEPT_MAX;
                }
            };

    /// @param key checks signatures; absent: they are not checked
    OfferChecks(@Nullable TrustedKey key) {
        this.key = key;
    }

    /// What makes two offers the same.
    record OfferId(long version, ByteString root, ByteString base) {
        static OfferId of(Offer piece) {
            return new OfferId(piece.getVersion(), piece.getRoot(), piece.getBaseRoot());
        }
    }

    /// What an offer was found to be.
    ///
    /// @param payload digest of its changes
    /// @param faults what is wrong with it
    record Checked(Digest payload, SnapshotTree tree, List<String> faults) {}

    synchronized @Nullable Checked known(OfferId offer) {
        return checked.get(offer);
    }

    /// Checks an offer, unless that was done meanwhile.
    ///
    /// @param pieces all of it
    /// @param base what the node has
    synchronized Checked check(List<Offer> pieces, Digest payload, SnapshotTree base) {
        OfferId id = OfferId.of(pieces.getFirst());
        Checked before = checked.get(id);
        if (before != null) {
            return before;
        }
        List<String> faults = new ArrayList<>();
        SnapshotTree tree = apply(pieces, base, faults);
        Checked result = new Checked(payload, tree, List.copyOf(faults));
        checked.put(id, result);
        return result;
    }

    private SnapshotTree apply(List<Offer> pieces, SnapshotTree base, List<String> faults) {
        Offer first = pieces.getFirst();
        ByteString payload = ByteString.EMPTY;
        for (Offer piece : pieces) {
            payload = payload.concat(piece.getPayload());
        }
        if (payload.size() != first.getChangesBytes()) {
            faults.add("changes: " + payload.size() + ", declared " + first.getChangesBytes());
        }
        SortedMap<String, ApiEntry> entries =
                new TreeMap<>(first.getBaseRoot().isEmpty() ? Map.of() : base.entries());
        try {
            Changes changes = Changes.parseFrom(payload);
            changes.getRemovedList().forEach(entries::remove);
            changes.getPutList().forEach(change -> put(entries, change, faults));
        } catch (InvalidProtocolBufferException e) {
            faults.add("changes: " + e.getMessage());
        }
        SnapshotTree tree = SnapshotTree.of(entries.values());
        checkWhole(first, tree, faults);
        return tree;
    }

    private void checkWhole(Offer first, SnapshotTree tree, List<String> faults) {
        if (!ByteString.copyFrom(tree.root().bytes()).equals(first.getRoot())) {
            faults.add("root of version " + first.getVersion());
        }
        if (first.getApis() != tree.entries().size()) {
            faults.add("apis: " + tree.entries().size() + ", declared " + first.getApis());
        }
        byte[] signed = SnapshotSignature.signedForm(first.getVersion(), tree.root());
        if (key != null && !key.verifies(signed, first.getSignature().toByteArray())) {
            faults.add("signature of version " + first.getVersion());
        }
    }

    private static void put(
            SortedMap<String, ApiEntry> entries, ApiChange change, List<String> faults) {
        Digest ir = Digest.ofBytes(change.getIrDigest().toByteArray());
        if (!Digest.of(change.getIr().toByteArray()).equals(ir)) {
            faults.add("ir of " + change.getApi());
        }
        List<Digest> artifacts =
                change.getArtifactDigestsList().stream()
                        .map(bytes -> Digest.ofBytes(bytes.toByteArray()))
                        .toList();
        entries.put(change.getApi(), new ApiEntry(change.getApi(), ir, artifacts));
    }
}
