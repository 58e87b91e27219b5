package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimicore.artifact.Artifact;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArtifactCacheTest {
    private final ClusterKey key = ClusterKey.generate();
    private final ScriptedSource source = new ScriptedSource();
    private final byte[] file = SignedArtifacts.file("module", key);
    private final Digest digest = Digest.of(file);

    @TempDir Path directory;

    private Path artifacts;

    @BeforeEach
    void place() {
        artifacts = directory.resolve("artifacts");
    }

    @Test
    void load_notOnDisk_fetchesOnce() throws Exception {
        source.put(file);

        Artifact artifact = cache().load(digest);
        Artifact again = cache().load(digest);

        assertThat(artifact.module()).isEqualTo("module".getBytes(UTF_8));
        assertThat(again.module()).isEqualTo(artifact.module());
        assertThat(source.fetched()).containsExactly(digest);
    }

    @Test
    void load_damagedOnDisk_fetchesAgainAndMends() throws Exception {
        source.put(file);
        cache().load(digest);
        byte[] damaged = file.clone();
        damaged[damaged.length - 1] ^= 1;
        Files.write(onDisk(digest), damaged);

        cache().load(digest);

        assertThat(source.fetched()).hasSize(2);
        assertThat(onDisk(digest)).hasBinaryContent(file);
    }

    @Test
    void load_tornOnDisk_fetchesAgain() throws Exception {
        source.put(file);
        cache().load(digest);
        Files.write(onDisk(digest), new byte[0]);

        assertThat(cache().load(digest).module()).isEqualTo("module".getBytes(UTF_8));
    }

    @Test
    void load_largerThanAnArtifactOnDisk_isNotReadButFetchedAgain() throws Exception {
        source.put(file);
        Files.createDirectories(artifacts);
        try (var sparse = new RandomAccessFile(onDisk(digest).toFile(), "rw")) {
            sparse.setLength(ArtifactSource.BYTES_MAX + 1L);
        }

        cache().load(digest);

        assertThat(Files.size(onDisk(digest))).isEqualTo(file.length);
    }

    @Test
    void load_cannotBeHad_saysWhyAndKeepsNothing() {
        assertThatThrownBy(() -> cache().load(digest))
                .isInstanceOf(IOException.class)
                .hasMessage("artifact " + digest + " cannot be had: nobody has it");
        assertThat(onDisk(digest)).doesNotExist();
    }

    @Test
    void load_otherContentFetched_isRefusedAndNotKept() {
        source.put(digest, SignedArtifacts.file("other", key));

        assertThatThrownBy(() -> cache().load(digest))
                .isInstanceOf(IOException.class)
                .hasMessage("artifact " + digest + " came with other content");
        assertThat(onDisk(digest)).doesNotExist();
    }

    @Test
    void load_signedByAnotherKey_isRefusedFromSourceAndDisk() {
        Digest forged = source.put(SignedArtifacts.file("module", ClusterKey.generate()));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> cache().load(forged))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is refused: signature");
        }
    }

    @Test
    void load_noArtifactAtAll_isRefused() {
        Digest text = source.put("<html>".getBytes(UTF_8));

        assertThatThrownBy(() -> cache().load(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is refused: magic");
    }

    @Test
    void load_diskCannotKeepIt_givesItAllTheSame() throws Exception {
        source.put(file);
        Files.createFile(artifacts);

        assertThat(cache().load(digest).module()).isEqualTo("module".getBytes(UTF_8));
        assertThat(artifacts).isEmptyFile();
    }

    @Test
    void load_interrupted_endsAsSuch() {
        source.put(file);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> cache().load(digest)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(onDisk(digest)).doesNotExist();
    }

    @Test
    void loadFromDisk_notThere_asksNobody() {
        source.put(file);

        assertThatThrownBy(() -> cache().loadFromDisk(digest))
                .isInstanceOf(IOException.class)
                .hasMessage("artifact " + digest + " is not on disk");
        assertThat(source.fetched()).isEmpty();
    }

    @Test
    void loadFromDisk_there_givesIt() throws Exception {
        source.put(file);
        cache().load(digest);

        assertThat(cache().loadFromDisk(digest).module()).isEqualTo("module".getBytes(UTF_8));
    }

    @Test
    void retainOnly_removesTheOthersAndWhatWasNotFinished() throws Exception {
        source.put(file);
        Digest other = source.put(SignedArtifacts.file("other", key));
        cache().load(digest);
        cache().load(other);
        Files.createFile(artifacts.resolve(digest.hex() + DurableFile.UNFINISHED));

        cache().retainOnly(Set.of(other));

        assertThat(artifacts).isDirectoryNotContaining("glob:**.tmp");
        assertThat(onDisk(digest)).doesNotExist();
        assertThat(onDisk(other)).exists();
    }

    @Test
    void retainOnly_neverKeptAny_isNothing() {
        cache().retainOnly(Set.of());

        assertThat(artifacts).doesNotExist();
    }

    private ArtifactCache cache() {
        return new ArtifactCache(artifacts, key.trusted(), source);
    }

    private Path onDisk(Digest name) {
        return artifacts.resolve(name.hex());
    }
}
