package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.Limits;
import io.mimicore.proto.store.v1.VersionRecord;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.store.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A published snapshot: its root and what is declared about it; `ver/{version}` in the store. What
/// it consists of is read by [SnapshotReader].
///
/// @param version 1..
/// @param buckets the digests of its 256 buckets
/// @param signature the cluster key's, over the version and the root
public record Snapshot(
        long version, Digest root, List<Digest> buckets, Size size, byte[] signature) {
    public Snapshot {
        requireNonNull(root, "root");
        buckets = List.copyOf(buckets);
        requireNonNull(size, "size");
        requireNonNull(signature, "signature");
    }

    /// Declared sizes.
    ///
    /// @param irBytes of all IR together
    public record Size(int apis, int routes, long irBytes) {}

    @Override
    public boolean equals(Object other) {
        return other instanceof Snapshot that && version == that.version && root.equals(that.root);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(version) * 31 + root.hashCode();
    }

    /// Only a version's record: who published it, when and why is read where it is shown.
    ///
    /// @throws StoreException if the record is damaged
    public static Snapshot decode(byte[] encoded) {
        try {
            VersionRecord record = VersionRecord.parseFrom(encoded);
            List<Digest> buckets = split(record.getBucketDigests());
            Digest root = Digest.ofBytes(record.getRoot().toByteArray());
            if (!SnapshotTree.rootOf(buckets).equals(root)) {
                throw new StoreException(
                        "version " + record.getVersion() + ": its root is not that of its buckets");
            }
            Limits limits = record.getLimits();
            return new Snapshot(
                    record.getVersion(),
                    root,
                    buckets,
                    new Size(limits.getApis(), limits.getRoutes(), limits.getIrBytes()),
                    record.getSignature().toByteArray());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new StoreException("a version record is damaged", e);
        }
    }

    /// The record, ready for the fields that say who published it, when and why.
    VersionRecord.Builder toRecord() {
        ByteBuffer digests = ByteBuffer.allocate(buckets.size() * Digest.BYTES);
        buckets.forEach(digest -> digests.put(digest.bytes()));
        return VersionRecord.newBuilder()
                .setVersion(version)
                .setRoot(ByteString.copyFrom(root.bytes()))
                .setBucketDigests(ByteString.copyFrom(digests.flip()))
                .setLimits(
                        Limits.newBuilder()
                                .setApis(size.apis())
                                .setRoutes(size.routes())
                                .setIrBytes(size.irBytes()))
                .setSignature(ByteString.copyFrom(signature));
    }

    private static List<Digest> split(ByteString digests) {
        List<Digest> buckets = new ArrayList<>(SnapshotTree.BUCKETS);
        for (int at = 0; at + Digest.BYTES <= digests.size(); at += Digest.BYTES) {
            buckets.add(Digest.ofBytes(digests.substring(at, at + Digest.BYTES).toByteArray()));
        }
        return buckets;
    }
}
