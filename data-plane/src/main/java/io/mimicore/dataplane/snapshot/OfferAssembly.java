package io.mimicore.dataplane.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.signing.TrustedKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts the pieces of one offer together and checks the whole. Confined to the client's thread.
final class OfferAssembly {
    private static final int APIS_MAX = 1_000_000;
    private static final long CHANGES_BYTES_MAX = 1L << 30;

    private final Offer first;
    private ByteString payload = ByteString.EMPTY;
    private int chunks;

    private OfferAssembly(Offer first) {
        this.first = first;
    }

    /// Begins with the first piece.
    ///
    /// @throws RejectedException if the declared sizes are above this node's limits; nothing was allocated
    static OfferAssembly begin(Offer first) throws RejectedException {
        if (first.getChunk() != 0 || first.getChunks() < 1) {
            throw malformed("piece " + first.getChunk() + " of " + first.getChunks() + " came first");
        }
        if (first.getApis() > APIS_MAX || first.getApis() < 0) {
            throw new RejectedException("", "LIMIT", "apis: " + first.getApis() + " (expected: at most " + APIS_MAX + ")");
        }
        if (first.getChangesBytes() > CHANGES_BYTES_MAX || first.getChangesBytes() < 0) {
            throw new RejectedException(
                    "", "LIMIT", "changes: " + first.getChangesBytes() + " bytes (expected: at most " + CHANGES_BYTES_MAX + ")");
        }
        return new OfferAssembly(first);
    }

    long version() {
        return first.getVersion();
    }

    /// Adds a piece; true: the offer is whole.
    boolean add(Offer piece) throws RejectedException {
        if (piece.getVersion() != first.getVersion() || piece.getChunk() != chunks) {
            throw malformed("piece " + piece.getChunk() + " of version " + piece.getVersion() + " came after " + chunks + " pieces of version " + first.getVersion());
        }
        chunks++;
        payload = payload.concat(piece.getPayload());
        if (payload.size() > first.getChangesBytes()) {
            throw malformed("more bytes than the " + first.getChangesBytes() + " declared");
        }
        return chunks == first.getChunks();
    }

    /// The content that the offer makes of `base`.
    SnapshotContent apply(SnapshotContent base, TrustedKey trusted) throws RejectedException {
        long version = first.getVersion();
        if (version <= base.version()) {
            throw new RejectedException("", "STALE_VERSION", "version " + version + " (expected: newer than " + base.version() + ")");
        }
        Digest root = digest(first.getRoot(), "root");
        byte[] signature = first.getSignature().toByteArray();
        if (!trusted.verifies(SnapshotSignature.signedForm(version, root), signature)) {
            throw new RejectedException("", "SIGNATURE", "version " + version + " is not signed by this cluster's key");
        }
        SortedMap<String, StoredApi> apis = new TreeMap<>();
        if (!first.getBaseRoot().isEmpty()) {
            if (!digest(first.getBaseRoot(), "base root").equals(base.root())) {
                throw new RejectedException("", "BASE_ROOT", "the changes start from a root that this node does not have");
            }
            apis.putAll(base.apis());
        }
        applyChanges(apis);
        List<ApiEntry> entries = apis.values().stream().map(StoredApi::entry).toList();
        Digest actual = SnapshotTree.of(entries).root();
        if (!actual.equals(root)) {
            throw new RejectedException("", "ROOT", "the content's root is " + actual + " (expected: " + root + ")");
        }
        return new SnapshotContent(version, root, signature, apis);
    }

    private void applyChanges(SortedMap<String, StoredApi> apis) throws RejectedException {
        Changes changes = parse();
        for (String removed : changes.getRemovedList()) {
            apis.remove(removed);
        }
        for (ApiChange change : changes.getPutList()) {
            Digest ir = digest(change.getIrDigest(), "IR digest");
            byte[] bytes = change.getIr().toByteArray();
            if (!Digest.of(bytes).equals(ir)) {
                throw new RejectedException(change.getApi(), "DIGEST", "the IR is not what its digest says");
            }
            List<Digest> artifacts = new java.util.ArrayList<>();
            for (ByteString artifact : change.getArtifactDigestsList()) {
                artifacts.add(digest(artifact, "artifact digest"));
            }
            apis.put(change.getApi(), new StoredApi(new ApiEntry(change.getApi(), ir, artifacts), bytes));
        }
    }

    private Changes parse() throws RejectedException {
        try {
            return Changes.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw malformed("the changes do not decode: " + e.getMessage());
        }
    }

    static Digest digest(@Nullable ByteString bytes, String name) throws RejectedException {
        if (bytes == null || bytes.size() != Digest.BYTES) {
            throw malformed(name + ": " + (bytes == null ? 0 : bytes.size()) + " bytes (expected: 32)");
        }
        return Digest.ofBytes(bytes.toByteArray());
    }

    private static RejectedException malformed(String message) {
        return new RejectedException("", "MALFORMED_OFFER", message);
    }
}
