package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.signing.ClusterKey;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.snapshot.SnapshotSignature;
import io.mimicore.snapshot.SnapshotTree;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes versions and the offers between them, as a control plane does, signed by one cluster's
/// key.
public final class Versions {
    private final ClusterKey key = ClusterKey.generate();

    public ClusterKey key() {
        return key;
    }

    /// A version of these APIs.
    public SnapshotContent of(long version, StoredApi... apis) {
        SortedMap<String, StoredApi> sorted = new TreeMap<>();
        for (StoredApi api : apis) {
            sorted.put(api.entry().api(), api);
        }
        return of(version, sorted);
    }

    SnapshotContent of(long version, SortedMap<String, StoredApi> apis) {
        Digest root = root(apis);
        byte[] signature = key.sign(SnapshotSignature.signedForm(version, root));
        return new SnapshotContent(version, root, signature, apis);
    }

    /// An API whose IR is any text; enough wherever nothing decodes it.
    static StoredApi text(String name, String ir, Digest... artifacts) {
        byte[] bytes = ir.getBytes(UTF_8);
        return new StoredApi(new ApiEntry(name, Digest.of(bytes), List.of(artifacts)), bytes);
    }

    /// An API with real IR.
    public static StoredApi api(ApiIr ir, Digest... artifacts) {
        byte[] bytes = IrCodec.encode(ir);
        return new StoredApi(new ApiEntry(ir.name(), Digest.of(bytes), List.of(artifacts)), bytes);
    }

    static Digest root(SortedMap<String, StoredApi> apis) {
        return SnapshotTree.of(apis.values().stream().map(StoredApi::entry).toList()).root();
    }

    /// The offer from nothing to `to`, in one piece.
    static Offer whole(SnapshotContent to) {
        return pieces(null, to, Integer.MAX_VALUE).getFirst();
    }

    /// The pieces of an offer, with at most so many bytes each.
    ///
    /// @param from absent: from nothing
    public static List<Offer> pieces(
            @Nullable SnapshotContent from, SnapshotContent to, int bytesMax) {
        return pieces(from, to, changes(from, to), bytesMax);
    }

    static List<Offer> pieces(
            @Nullable SnapshotContent from, SnapshotContent to, Changes changes, int bytesMax) {
        ByteString payload = changes.toByteString();
        int count = Math.max(1, Math.ceilDiv(payload.size(), bytesMax));
        List<Offer> pieces = new ArrayList<>();
        for (int chunk = 0; chunk < count; chunk++) {
            int at = chunk * bytesMax;
            Offer.Builder piece =
                    Offer.newBuilder()
                            .setVersion(to.version())
                            .setRoot(bytes(to.root()))
                            .setChunk(chunk)
                            .setChunks(count)
                            .setPayload(
                                    payload.substring(
                                            at,
                                            (int) Math.min((long) at + bytesMax, payload.size())));
            if (from != null) {
                piece.setBaseRoot(bytes(from.root()));
            }
            if (chunk == 0) {
                piece.setSignature(ByteString.copyFrom(to.signature()))
                        .setApis(to.apis().size())
                        .setRoutes(to.apis().size())
                        .setIrBytes(
                                to.apis().values().stream().mapToLong(api -> api.ir().length).sum())
                        .setChangesBytes(payload.size());
            }
            pieces.add(piece.build());
        }
        return pieces;
    }

    static Changes changes(@Nullable SnapshotContent from, SnapshotContent to) {
        Changes.Builder changes = Changes.newBuilder();
        SortedMap<String, StoredApi> before = from == null ? new TreeMap<>() : from.apis();
        for (String name : before.keySet()) {
            if (!to.apis().containsKey(name)) {
                changes.addRemoved(name);
            }
        }
        for (StoredApi api : to.apis().values()) {
            StoredApi known = before.get(api.entry().api());
            if (known == null || !known.entry().equals(api.entry())) {
                changes.addPut(put(api));
            }
        }
        return changes.build();
    }

    static ApiChange put(StoredApi api) {
        ApiChange.Builder change =
                ApiChange.newBuilder()
                        .setApi(api.entry().api())
                        .setIrDigest(bytes(api.entry().ir()))
                        .setIr(ByteString.copyFrom(api.ir()));
        api.entry().artifacts().forEach(digest -> change.addArtifactDigests(bytes(digest)));
        return change.build();
    }

    static ByteString bytes(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }

    /// Two contents as values: records of byte arrays do not compare.
    static boolean same(SnapshotContent one, SnapshotContent other) {
        return one.is(other.version(), other.root())
                && java.util.Arrays.equals(one.signature(), other.signature())
                && one.apis().keySet().equals(other.apis().keySet())
                && one.apis().keySet().stream()
                        .allMatch(name ->
                                java.util.Arrays.equals(irOf(one, name), irOf(other, name))
                                        && entryOf(one, name).equals(entryOf(other, name)));
    }

    private static byte[] irOf(SnapshotContent content, String name) {
        return java.util.Objects.requireNonNull(content.apis().get(name)).ir();
    }

    private static ApiEntry entryOf(SnapshotContent content, String name) {
        return java.util.Objects.requireNonNull(content.apis().get(name)).entry();
    }
}
