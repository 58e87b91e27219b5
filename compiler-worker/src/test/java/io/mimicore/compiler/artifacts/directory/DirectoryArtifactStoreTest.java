package io.mimicore.compiler.artifacts.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import io.mimicore.testkit.contract.ArtifactStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryArtifactStoreTest extends ArtifactStoreContract {
    private static final int BYTES_MAX = 21 * 1024 * 1024;

    @TempDir private Path directory;

    DirectoryArtifactStoreTest() {
        directory = Path.of("");
    }

    @Override
    protected ArtifactStore open() {
        return DirectoryArtifactStore.open(directory, BYTES_MAX);
    }

    @Override
    protected ArtifactStore reopen() {
        return DirectoryArtifactStore.open(directory, BYTES_MAX);
    }

    @Test
    void put_contentOverTheLimit_isRefusedAndLeavesNothing() {
        ArtifactStore store = DirectoryArtifactStore.open(directory, 4);

        assertThatThrownBy(() -> store.put(new byte[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("artifact: 5 bytes (expected: at most 4)");
        assertThat(directory).isEmptyDirectory();
        assertThat(store.put(new byte[4]).created()).isTrue();
    }

    @Test
    void open_unfinishedFiles_areRemovedAndNeverListed() throws IOException {
        ArtifactStore store = DirectoryArtifactStore.open(directory);
        Digest whole = store.put(new byte[] {1}).digest();
        Path unfinished = Files.write(directory.resolve(whole.hex() + "77.new"), new byte[] {2});
        Path foreign = Files.write(directory.resolve("README"), new byte[] {3});

        assertThat(store.list()).extracting(ArtifactStore.Listed::digest).containsExactly(whole);
        ArtifactStore reopened = DirectoryArtifactStore.open(directory);

        assertThat(unfinished).doesNotExist();
        assertThat(foreign).exists();
        assertThat(reopened.contains(whole)).isTrue();
    }

    @Test
    void openShared_unfinishedFiles_goOnlyOnceNobodyCanBeWritingThem() throws IOException {
        Path atWork = Files.write(directory.resolve("a.new"), new byte[] {1});
        Path leftBehind = Files.write(directory.resolve("b.new"), new byte[] {2});
        Instant longAgo = Files.getLastModifiedTime(atWork).toInstant().minus(Duration.ofHours(2));
        Files.setLastModifiedTime(leftBehind, FileTime.from(longAgo));

        DirectoryArtifactStore.openShared(directory);

        assertThat(atWork).exists();
        assertThat(leftBehind).doesNotExist();
    }

    @Test
    void contains_damagedFile_isNoAndItCanBePutAgain() throws IOException {
        byte[] content = {1, 2, 3, 4};
        Digest digest = DirectoryArtifactStore.open(directory).put(content).digest();
        Path file = directory.resolve(digest.hex());
        for (byte[] damaged : new byte[][] {{1, 2}, {}, {1, 2, 3, 5}, {1, 2, 3, 4, 5}}) {
            Files.write(file, damaged);
            ArtifactStore reopened = DirectoryArtifactStore.open(directory, 4);

            assertThat(reopened.contains(digest)).isFalse();
            assertThat(reopened.put(content).created()).isTrue();
            assertThat(reopened.contains(digest)).isTrue();
            assertThat(file).hasBinaryContent(content);
        }
    }

    @Test
    void put_anyContent_leavesOnlyTheFinishedFile() throws IOException {
        Digest digest = DirectoryArtifactStore.open(directory).put(new byte[] {1}).digest();

        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve(digest.hex()));
        }
    }

    @Test
    void open_aFileInPlaceOfTheDirectory_isRefused() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[] {1});

        assertThatThrownBy(() -> DirectoryArtifactStore.open(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(file.toString());
    }
}
