package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlotStoreTest {
    private static final Digest ARTIFACT_1 = Digest.of(new byte[] {1});
    private static final Digest ARTIFACT_2 = Digest.of(new byte[] {2});
    private static final Digest ARTIFACT_3 = Digest.of(new byte[] {3});

    private final Versions versions = new Versions();
    private final SnapshotContent first =
            versions.of(1, Versions.text("a", "first"), Versions.text("b", "x", ARTIFACT_1));
    private final SnapshotContent second =
            versions.of(2, Versions.text("a", "second"), Versions.text("b", "x", ARTIFACT_2));
    private final SnapshotContent third = versions.of(3, Versions.text("c", "third", ARTIFACT_3));

    @TempDir Path directory;

    @Test
    void load_emptyDirectory_isNothing() {
        assertThat(store().load()).isEmpty();
        assertThat(store().artifacts()).isEmpty();
    }

    @Test
    void load_afterSaves_givesBothBackNewestFirst() {
        SlotStore store = store();
        assertThat(store.save(first, 0)).isTrue();
        assertThat(store.save(second, 1)).isTrue();

        List<SnapshotContent> kept = store().load();

        assertThat(kept).hasSize(2);
        assertThat(Versions.same(kept.get(0), second)).isTrue();
        assertThat(Versions.same(kept.get(1), first)).isTrue();
    }

    @Test
    void save_eachVersion_keepsTheTwoNewestAndTheirArtifacts() {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        store.save(third, 2);

        assertThat(versionsOnDisk()).containsExactly(3L, 2L);
        assertThat(store.artifacts()).containsExactlyInAnyOrder(ARTIFACT_2, ARTIFACT_3);
    }

    @Test
    void save_olderSlotServed_keepsItAndReplacesTheNewerOne() {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        // Version 2 has crashed the node, which went back to version 1.
        SlotStore restarted = store();
        restarted.load();

        restarted.save(third, 1);

        assertThat(versionsOnDisk()).containsExactly(3L, 1L);
    }

    @Test
    void save_damagedSlot_replacesThatOne() throws IOException {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        Path newer = slotOf(2);
        Files.write(newer, new byte[] {1, 2, 3});
        SlotStore restarted = store();

        assertThat(restarted.load()).extracting(SnapshotContent::version).containsExactly(1L);
        restarted.save(third, 0);

        assertThat(versionsOnDisk()).containsExactly(3L, 1L);
    }

    @Test
    void load_killedWhileWriting_findsWhatWasThereBefore() throws IOException {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        byte[] next = encoded(third);

        // Whatever part of the unfinished file had reached the disk.
        for (int length = 0; length <= next.length; length++) {
            Files.write(directory.resolve("a.slot.tmp"), Arrays.copyOf(next, length));
            assertThat(versionsOnDisk()).containsExactly(2L, 1L);
        }

        SlotStore restarted = store();
        restarted.load();
        restarted.save(third, 2);
        assertThat(versionsOnDisk()).containsExactly(3L, 2L);
        assertThat(names()).containsExactlyInAnyOrder("a.slot", "b.slot");
    }

    @Test
    void load_renamedButTorn_findsTheOtherSlot() throws IOException {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        Path older = slotOf(1);
        byte[] next = encoded(third);

        // A disk that lies about what it has forced.
        for (int length = 0; length < next.length; length++) {
            Files.write(older, Arrays.copyOf(next, length));
            assertThat(versionsOnDisk()).containsExactly(2L);
        }
        Files.write(older, next);
        assertThat(versionsOnDisk()).containsExactly(3L, 2L);
    }

    @Test
    void load_anyByteChanged_passesTheSlotOver() throws IOException {
        store().save(first, 0);
        Path slot = slotOf(1);
        byte[] good = Files.readAllBytes(slot);

        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x40;
            Files.write(slot, bad);
            assertThat(versionsOnDisk()).as("byte %d", at).isEmpty();
        }
    }

    @Test
    void load_longerThanItSays_passesTheSlotOver() throws IOException {
        store().save(first, 0);
        Path slot = slotOf(1);
        byte[] good = Files.readAllBytes(slot);
        Files.write(slot, Arrays.copyOf(good, good.length + 1));

        assertThat(versionsOnDisk()).isEmpty();
    }

    @Test
    void load_signedByAnotherCluster_passesTheSlotOver() {
        store().save(first, 0);

        var other = new SlotStore(directory, ClusterKey.generate().trusted());

        assertThat(other.load()).isEmpty();
    }

    @Test
    void load_signatureOfAnotherVersion_passesTheSlotOver() {
        store().save(new SnapshotContent(7, first.root(), first.signature(), first.apis()), 0);

        assertThat(versionsOnDisk()).isEmpty();
    }

    @Test
    void load_otherContentThanItsRoot_passesTheSlotOver() {
        store().save(new SnapshotContent(1, first.root(), first.signature(), second.apis()), 0);

        assertThat(versionsOnDisk()).isEmpty();
    }

    @Test
    void save_noApis_isKept() {
        SnapshotContent empty = versions.of(4, new TreeMap<>());
        store().save(empty, 0);

        assertThat(versionsOnDisk()).containsExactly(4L);
    }

    @Test
    void save_diskFails_leavesBothSlotsAndWorksLater() throws IOException {
        SlotStore store = store();
        store.save(first, 0);
        store.save(second, 1);
        Path obstacle =
                Files.createDirectory(slotOf(1).resolveSibling(slotOf(1).getFileName() + ".tmp"));

        assertThat(store.save(third, 2)).isFalse();
        assertThat(versionsOnDisk()).containsExactly(2L, 1L);
        assertThat(store.artifacts()).containsExactlyInAnyOrder(ARTIFACT_1, ARTIFACT_2);

        Files.deleteIfExists(obstacle);
        assertThat(store.save(third, 2)).isTrue();
        assertThat(versionsOnDisk()).containsExactly(3L, 2L);
    }

    @Test
    void save_directoryIsAFile_fails() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThat(new SlotStore(file, versions.key().trusted()).save(first, 0)).isFalse();
    }

    private SlotStore store() {
        return new SlotStore(directory, versions.key().trusted());
    }

    private List<Long> versionsOnDisk() {
        return store().load().stream().map(SnapshotContent::version).toList();
    }

    private Path slotOf(long version) throws IOException {
        for (String name : SlotStore.SLOTS) {
            Path file = directory.resolve(name);
            if (Files.exists(file)
                    && new SlotCodec(versions.key().trusted()).read(file).version() == version) {
                return file;
            }
        }
        throw new AssertionError("no slot holds version " + version);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static byte[] encoded(SnapshotContent content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        SlotCodec.write(content, bytes);
        return bytes.toByteArray();
    }
}
