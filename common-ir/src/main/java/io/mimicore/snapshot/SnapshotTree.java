package io.mimicore.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.Bucket;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a snapshot consists of: every API's entry, hashed by buckets into one root.
///
/// An API is in the bucket that the first byte of its name's SHA-256 names. A bucket's digest is
/// the SHA-256 of its encoded entries in name order; an empty bucket's is [#EMPTY_BUCKET]. The root
/// is the SHA-256 of the 256 bucket digests. Immutable.
public final class SnapshotTree {
    /// Number of buckets.
    public static final int BUCKETS = 256;

    /// Stands for the digest of a bucket without entries.
    public static final Digest EMPTY_BUCKET = new Digest("0".repeat(2 * Digest.BYTES));

    /// A snapshot without any API.
    public static final SnapshotTree EMPTY = new SnapshotTree(new TreeMap<>());

    private final SortedMap<String, ApiEntry> entries;
    private final List<Digest> bucketDigests;
    private final Digest root;

    private SnapshotTree(SortedMap<String, ApiEntry> entries) {
        this.entries = entries;
        Map<Integer, Bucket.Builder> buckets = new HashMap<>();
        entries.values()
                .forEach(entry ->
                        buckets.computeIfAbsent(bucketOf(entry.api()), _ -> Bucket.newBuilder())
                                .addEntries(encode(entry)));
        this.bucketDigests =
                java.util.stream.IntStream.range(0, BUCKETS)
                        .mapToObj(bucket -> digest(buckets.get(bucket)))
                        .toList();
        this.root = rootOf(bucketDigests);
    }

    /// The tree of these entries.
    ///
    /// @throws IllegalArgumentException if an API comes twice
    public static SnapshotTree of(Collection<ApiEntry> entries) {
        SortedMap<String, ApiEntry> sorted = new TreeMap<>();
        for (ApiEntry entry : entries) {
            if (sorted.put(entry.api(), entry) != null) {
                throw new IllegalArgumentException(
                        "api: " + entry.api() + " (expected: only once)");
            }
        }
        return new SnapshotTree(sorted);
    }

    /// The bucket that the API of this name is in, 0..255.
    public static int bucketOf(String api) {
        return Digest.of(api.getBytes(UTF_8)).bytes()[0] & 0xff;
    }

    /// The root of these 256 bucket digests.
    public static Digest rootOf(List<Digest> bucketDigests) {
        if (bucketDigests.size() != BUCKETS) {
            throw new IllegalArgumentException(
                    "bucketDigests: " + bucketDigests.size() + " (expected: " + BUCKETS + ")");
        }
        return Digest.of(bucketDigests.stream().map(Digest::bytes).toArray(byte[][]::new));
    }

    /// The encoded content of one bucket; empty for a bucket without entries.
    public byte[] bucket(int bucket) {
        Bucket.Builder content = Bucket.newBuilder();
        entries.values().stream()
                .filter(entry -> bucketOf(entry.api()) == bucket)
                .forEach(entry -> content.addEntries(encode(entry)));
        return content.build().toByteArray();
    }

    /// Every API, by name.
    public SortedMap<String, ApiEntry> entries() {
        return java.util.Collections.unmodifiableSortedMap(entries);
    }

    /// The digests of all buckets.
    public List<Digest> bucketDigests() {
        return bucketDigests;
    }

    /// The digest that names the whole.
    public Digest root() {
        return root;
    }

    private static Digest digest(Bucket.@org.jspecify.annotations.Nullable Builder bucket) {
        return bucket == null ? EMPTY_BUCKET : Digest.of(bucket.build().toByteArray());
    }

    private static io.mimicore.proto.store.v1.ApiEntry encode(ApiEntry entry) {
        var encoded =
                io.mimicore.proto.store.v1.ApiEntry.newBuilder()
                        .setApi(entry.api())
                        .setIrDigest(ByteString.copyFrom(entry.ir().bytes()));
        entry.artifacts()
                .forEach(artifact ->
                        encoded.addArtifactDigests(ByteString.copyFrom(artifact.bytes())));
        return encoded.build();
    }
}
