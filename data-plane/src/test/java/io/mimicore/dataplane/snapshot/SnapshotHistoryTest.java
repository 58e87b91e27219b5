package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.Offer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens to the set of APIs: a node that applies the differences has just the target,
/// and so does one that reads it back from its disk.
final class SnapshotHistoryTest {
    private static final int STEPS = 60;

    private final Versions versions = new Versions();
    private final OfferRules rules =
            new OfferRules(versions.key().trusted(), SnapshotLimits.ofHeap(1L << 30));

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void offersInPieces_appliedOneAfterTheOther_giveEachTarget(long seed) throws Exception {
        Random random = new Random(seed);
        SnapshotContent held = SnapshotContent.NOTHING;
        SnapshotContent target = held;
        var slots = new SlotStore(directory, versions.key().trusted());
        for (int step = 1; step <= STEPS; step++) {
            target = next(target, random);
            if (random.nextInt(4) == 0) {
                // The node was away for this version.
                continue;
            }
            boolean knowsBase = held.version() > 0 && random.nextInt(4) > 0;
            List<Offer> pieces =
                    Versions.pieces(knowsBase ? held : null, target, 1 + random.nextInt(2_000));

            SnapshotContent applied = apply(held, pieces);
            assertThat(Versions.same(applied, target)).isTrue();
            if (step % 10 == 0) {
                slots.save(applied, held.version());
                assertThat(Versions.same(kept(), applied)).isTrue();
            }
            held = applied;
        }
    }

    private SnapshotContent kept() {
        return new SlotStore(directory, versions.key().trusted()).load().getFirst();
    }

    private SnapshotContent apply(SnapshotContent held, List<Offer> pieces)
            throws RejectedException {
        OfferAssembly assembly = OfferAssembly.begin(pieces.getFirst(), held.version(), rules);
        for (Offer piece : pieces) {
            assembly.add(piece);
        }
        return assembly.apply(held);
    }

    private SnapshotContent next(SnapshotContent before, Random random) {
        SortedMap<String, StoredApi> apis = new TreeMap<>(before.apis());
        int edits = random.nextInt(6);
        for (int i = 0; i < edits; i++) {
            String name = "api-" + random.nextInt(40);
            if (random.nextInt(3) == 0) {
                apis.remove(name);
            } else {
                apis.put(name, Versions.text(name, text(random), artifacts(random)));
            }
        }
        return versions.of(before.version() + 1, apis);
    }

    private static String text(Random random) {
        return Integer.toString(random.nextInt(5)).repeat(random.nextInt(500));
    }

    private static Digest[] artifacts(Random random) {
        return random.ints(random.nextInt(3), 0, 4)
                .mapToObj(value -> Digest.of(new byte[] {(byte) value}))
                .toArray(Digest[]::new);
    }
}
