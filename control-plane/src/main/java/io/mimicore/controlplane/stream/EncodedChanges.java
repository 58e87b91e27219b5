package io.mimicore.controlplane.stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.mimicore.controlplane.snapshot.Snapshot;
import io.mimicore.controlplane.snapshot.SnapshotDiff;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.ApiEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An offer that leads from one snapshot to another, encoded once for every node that needs it.
///
/// @param chunks its messages, in order, at least one
/// @param bytes of all messages' payloads
/// @param whole whether it leads from nothing
record EncodedChanges(List<ControlMessage> chunks, long bytes, boolean whole) {
    /// Largest payload of one message, in bytes.
    static final int CHUNK_BYTES_MAX = 256 * 1024;

    EncodedChanges {
        chunks = List.copyOf(chunks);
    }

    /// Reads what differs and encodes it. Blocks.
    ///
    /// @param from absent: from nothing
    /// @throws io.mimicore.store.StoreException if the store fails
    static EncodedChanges encode(SnapshotReader reader, @Nullable Snapshot from, Snapshot to) {
        SnapshotDiff diff = reader.diff(from, to);
        Changes.Builder changes = Changes.newBuilder().addAllRemoved(diff.removed());
        diff.put().forEach(entry -> changes.addPut(change(reader, entry)));
        byte[] payload = changes.build().toByteArray();
        int count = Math.max(1, Math.ceilDiv(payload.length, CHUNK_BYTES_MAX));
        List<ControlMessage> chunks = new ArrayList<>(count);
        for (int chunk = 0; chunk < count; chunk++) {
            int at = chunk * CHUNK_BYTES_MAX;
            int length = Math.min(CHUNK_BYTES_MAX, payload.length - at);
            Offer.Builder offer =
                    Offer.newBuilder()
                            .setVersion(to.version())
                            .setRoot(bytes(to.root()))
                            .setChunk(chunk)
                            .setChunks(count)
                            .setPayload(UnsafeByteOperations.unsafeWrap(payload, at, length));
            if (from != null) {
                offer.setBaseRoot(bytes(from.root()));
            }
            if (chunk == 0) {
                declare(offer, to, payload.length);
            }
            chunks.add(ControlMessage.newBuilder().setOffer(offer).build());
        }
        return new EncodedChanges(chunks, payload.length, from == null);
    }

    private static void declare(Offer.Builder offer, Snapshot to, long changesBytes) {
        offer.setSignature(ByteString.copyFrom(to.signature()))
                .setApis(to.size().apis())
                .setRoutes(to.size().routes())
                .setIrBytes(to.size().irBytes())
                .setChangesBytes(changesBytes);
    }

    private static ApiChange change(SnapshotReader reader, ApiEntry entry) {
        ApiChange.Builder change =
                ApiChange.newBuilder()
                        .setApi(entry.api())
                        .setIrDigest(bytes(entry.ir()))
                        .setIr(UnsafeByteOperations.unsafeWrap(reader.ir(entry.ir())));
        entry.artifacts().forEach(artifact -> change.addArtifactDigests(bytes(artifact)));
        return change.build();
    }

    private static ByteString bytes(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }
}
