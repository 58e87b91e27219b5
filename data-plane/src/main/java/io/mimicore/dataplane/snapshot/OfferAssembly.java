package io.mimicore.dataplane.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Puts the pieces of one offer together and checks the whole. Confined to the client's thread.
///
/// Version, declared sizes and signature are in the first piece and are checked there, so an offer
/// that will not be taken costs no memory. The sizes are not signed: what comes is held to them.
final class OfferAssembly {
    private final Offer first;
    private final OfferRules rules;
    private final Digest root;
    private ByteString payload = ByteString.EMPTY;
    private int chunks;

    private OfferAssembly(Offer first, OfferRules rules, Digest root) {
        this.first = first;
        this.rules = rules;
        this.root = root;
    }

    /// Begins with the first piece, which is still to be added.
    ///
    /// @param activeVersion the version that serves; 0: none
    /// @throws RejectedException if the offer cannot be taken; nothing was allocated
    static OfferAssembly begin(Offer first, long activeVersion, OfferRules rules)
            throws RejectedException {
        if (first.getChunk() != 0) {
            throw malformed("piece " + first.getChunk() + " came first");
        }
        requireNewer(first.getVersion(), activeVersion);
        requireSizes(first, rules.limits());
        Digest root = digest(first.getRoot(), "root");
        byte[] signed = SnapshotSignature.signedForm(first.getVersion(), root);
        if (!rules.trusted().verifies(signed, first.getSignature().toByteArray())) {
            throw new RejectedException(
                    "",
                    "SIGNATURE",
                    "version " + first.getVersion() + " is not signed by this cluster's key");
        }
        return new OfferAssembly(first, rules, root);
    }

    /// The version that is offered.
    long version() {
        return first.getVersion();
    }

    /// The root that is offered.
    Digest root() {
        return root;
    }

    /// Adds the next piece.
    ///
    /// @return whether the offer is whole
    boolean add(Offer piece) throws RejectedException {
        if (piece.getVersion() != first.getVersion() || piece.getChunk() != chunks) {
            throw malformed(
                    "piece "
                            + piece.getChunk()
                            + " of version "
                            + piece.getVersion()
                            + " (expected: piece "
                            + chunks
                            + " of version "
                            + first.getVersion()
                            + ")");
        }
        // Empty pieces would let an offer go on without end.
        if (piece.getPayload().isEmpty() && first.getChunks() > 1) {
            throw malformed("piece " + chunks + " is empty");
        }
        long bytes = (long) payload.size() + piece.getPayload().size();
        boolean whole = chunks + 1 == first.getChunks();
        if (bytes > first.getChangesBytes() || (whole && bytes < first.getChangesBytes())) {
            throw malformed(
                    "changes: "
                            + bytes
                            + " bytes (expected: "
                            + first.getChangesBytes()
                            + ", as declared)");
        }
        chunks++;
        payload = payload.concat(piece.getPayload());
        return whole;
    }

    /// The content that the whole offer makes of `base`.
    SnapshotContent apply(SnapshotContent base) throws RejectedException {
        requireNewer(first.getVersion(), base.version());
        SortedMap<String, StoredApi> apis = new TreeMap<>();
        if (!first.getBaseRoot().isEmpty()) {
            if (!digest(first.getBaseRoot(), "base root").equals(base.root())) {
                throw new RejectedException(
                        "",
                        "BASE_ROOT",
                        "the changes start from a root that this node does not have");
            }
            apis.putAll(base.apis());
        }
        applyChanges(apis);
        requireDeclared(apis);
        List<ApiEntry> entries = apis.values().stream().map(StoredApi::entry).toList();
        Digest actual = SnapshotTree.of(entries).root();
        if (!actual.equals(root)) {
            throw new RejectedException(
                    "", "ROOT", "root: " + actual + " (expected: " + root + ", as offered)");
        }
        return new SnapshotContent(
                first.getVersion(), root, first.getSignature().toByteArray(), apis);
    }

    private void applyChanges(SortedMap<String, StoredApi> apis) throws RejectedException {
        Changes changes = parse();
        // From here on the changes hold the bytes.
        payload = ByteString.EMPTY;
        changes.getRemovedList().forEach(apis::remove);
        for (ApiChange change : changes.getPutList()) {
            Digest ir = digest(change.getIrDigest(), "IR digest");
            byte[] bytes = change.getIr().toByteArray();
            if (!Digest.of(bytes).equals(ir)) {
                throw new RejectedException(
                        change.getApi(), "DIGEST", "the IR is not what its digest says");
            }
            List<Digest> artifacts = new ArrayList<>(change.getArtifactDigestsCount());
            for (ByteString artifact : change.getArtifactDigestsList()) {
                artifacts.add(digest(artifact, "artifact digest"));
            }
            apis.put(
                    change.getApi(),
                    new StoredApi(new ApiEntry(change.getApi(), ir, artifacts), bytes));
        }
    }

    private Changes parse() throws RejectedException {
        try {
            return Changes.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw malformed("the changes do not decode: " + e.getMessage());
        }
    }

    private void requireDeclared(SortedMap<String, StoredApi> apis) throws RejectedException {
        if (apis.size() != first.getApis()) {
            throw malformed(
                    "apis: " + apis.size() + " (expected: " + first.getApis() + ", as declared)");
        }
        long irBytes = apis.values().stream().mapToLong(api -> api.ir().length).sum();
        requireAtMost("IR bytes", irBytes, rules.limits().irBytesMax());
    }

    private static void requireNewer(long version, long active) throws RejectedException {
        if (version < 1) {
            throw malformed(
                    "version: " + Long.toUnsignedString(version) + " (expected: 1..2^63-1)");
        }
        if (version <= active) {
            throw new RejectedException(
                    "",
                    "STALE_VERSION",
                    "version: "
                            + version
                            + " (expected: newer than "
                            + active
                            + ", which serves; a rollback is a new version, and a node of another"
                            + " cluster starts from an empty state directory)");
        }
    }

    private static void requireSizes(Offer first, SnapshotLimits limits) throws RejectedException {
        requireAtMost("apis", Integer.toUnsignedLong(first.getApis()), limits.apisMax());
        requireAtMost("routes", Integer.toUnsignedLong(first.getRoutes()), limits.routesMax());
        requireAtMost("IR bytes", first.getIrBytes(), limits.irBytesMax());
        requireAtMost("changes bytes", first.getChangesBytes(), limits.changesBytesMax());
        // Every piece holds at least one byte, unless it is the only one.
        long chunks = Integer.toUnsignedLong(first.getChunks());
        if (chunks < 1 || chunks > Math.max(1, first.getChangesBytes())) {
            throw malformed(
                    "pieces: "
                            + chunks
                            + " (expected: 1.."
                            + Math.max(1, first.getChangesBytes())
                            + ")");
        }
    }

    private static void requireAtMost(String name, long value, long max) throws RejectedException {
        if (value < 0 || value > max) {
            throw new RejectedException(
                    "",
                    "LIMIT",
                    name
                            + ": "
                            + Long.toUnsignedString(value)
                            + " (expected: at most "
                            + max
                            + ", for this node's heap)");
        }
    }

    private static Digest digest(ByteString bytes, String name) throws RejectedException {
        if (bytes.size() != Digest.BYTES) {
            throw malformed(name + ": " + bytes.size() + " bytes (expected: " + Digest.BYTES + ")");
        }
        return Digest.ofBytes(bytes.toByteArray());
    }

    private static RejectedException malformed(String message) {
        return new RejectedException("", "MALFORMED_OFFER", message);
    }
}
