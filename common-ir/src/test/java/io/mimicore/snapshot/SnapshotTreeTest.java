package io.mimicore.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.Bucket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTreeTest {
    @Test
    void root_knownEntries_isTheKnownDigest() {
        // Nodes check the root that the control plane signed: it must never change by itself.
        assertThat(SnapshotTree.of(entries(1_000)).root().hex())
                .isEqualTo("70f1d733d0cce8bebf4eda349d6385f566b7382630221d6b6fff486b1be6e3e0");
        assertThat(SnapshotTree.EMPTY.root().hex())
                .isEqualTo("9f1dcbc35c350d6027f98be0f5c8b43b42ca52b7604459c0c42be3aa88913d47");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void root_entriesInAnyOrder_isTheSame(long seed) {
        List<ApiEntry> shuffled = new ArrayList<>(entries(1_000));
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(SnapshotTree.of(shuffled).root())
                .isEqualTo(SnapshotTree.of(entries(1_000)).root());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 17, 999})
    void bucketDigests_oneEntryChanged_differInItsBucketOnly(int changed) {
        List<ApiEntry> entries = new ArrayList<>(entries(1_000));
        SnapshotTree before = SnapshotTree.of(entries);
        ApiEntry old = entries.get(changed);
        entries.set(changed, new ApiEntry(old.api(), digest(-1), old.artifacts()));
        SnapshotTree after = SnapshotTree.of(entries);

        assertThat(differing(before, after)).containsExactly(SnapshotTree.bucketOf(old.api()));
        assertThat(after.root()).isNotEqualTo(before.root());
    }

    @Test
    void bucketDigests_entryRemovedOrArtifactsReordered_differ() {
        ApiEntry entry = new ApiEntry("a", digest(1), List.of(digest(2), digest(3)));
        ApiEntry reordered = new ApiEntry("a", digest(1), List.of(digest(3), digest(2)));
        SnapshotTree tree = SnapshotTree.of(List.of(entry));
        int bucket = SnapshotTree.bucketOf("a");

        assertThat(differing(tree, SnapshotTree.EMPTY)).containsExactly(bucket);
        assertThat(differing(tree, SnapshotTree.of(List.of(reordered)))).containsExactly(bucket);
        assertThat(SnapshotTree.EMPTY.bucketDigests())
                .hasSize(SnapshotTree.BUCKETS)
                .containsOnly(SnapshotTree.EMPTY_BUCKET);
    }

    @Test
    void bucket_ofEach_holdsEveryEntryOnceAndHasItsDigest() throws InvalidProtocolBufferException {
        SnapshotTree tree = SnapshotTree.of(entries(1_000));
        List<String> found = new ArrayList<>();
        for (int bucket = 0; bucket < SnapshotTree.BUCKETS; bucket++) {
            byte[] content = tree.bucket(bucket);
            Digest expected = content.length == 0 ? SnapshotTree.EMPTY_BUCKET : Digest.of(content);
            assertThat(tree.bucketDigests().get(bucket)).isEqualTo(expected);
            Bucket.parseFrom(content).getEntriesList().forEach(entry -> found.add(entry.getApi()));
        }

        assertThat(found).containsExactlyInAnyOrderElementsOf(tree.entries().keySet());
        assertThat(SnapshotTree.rootOf(tree.bucketDigests())).isEqualTo(tree.root());
    }

    @Test
    void of_apiTwice_isRefused() {
        ApiEntry entry = new ApiEntry("a", digest(1), List.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotTree.of(List.of(entry, entry)))
                .withMessage("api: a (expected: only once)");
    }

    @Test
    void rootOf_otherNumberOfBuckets_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotTree.rootOf(List.of(digest(1))))
                .withMessage("bucketDigests: 1 (expected: 256)");
    }

    private static List<Integer> differing(SnapshotTree a, SnapshotTree b) {
        return IntStream.range(0, SnapshotTree.BUCKETS)
                .filter(i -> !a.bucketDigests().get(i).equals(b.bucketDigests().get(i)))
                .boxed()
                .toList();
    }

    private static List<ApiEntry> entries(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        new ApiEntry(
                                "api_" + i,
                                digest(i),
                                i % 3 == 0 ? List.of(digest(i + 1)) : List.of()))
                .toList();
    }

    private static Digest digest(int number) {
        return Digest.of(new byte[] {(byte) (number >> 8), (byte) number});
    }
}
