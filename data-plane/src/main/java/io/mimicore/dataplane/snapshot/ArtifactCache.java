package io.mimicore.dataplane.snapshot;

import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.artifact.MalformedArtifactException;
import io.mimicore.dataplane.link.ArtifactUnavailableException;
import io.mimicore.ir.Digest;
import io.mimicore.signing.Trust;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Artifacts on the node's disk, by digest; fetched when they are not there.
///
/// Digest and signature are checked at each load, so a damaged file is fetched again and a forged
/// one is never used. Used by one thread at a time.
final class ArtifactCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ArtifactCache.class);

    private final Path directory;
    private final Trust trusted;
    private final ArtifactSource source;
    private final DiskTrouble trouble =
            new DiskTrouble("a restart without the control plane would miss artifacts");

    /// @param trusted whose signatures count
    /// @param source where artifacts come from that are not on disk; closed with the cache
    ArtifactCache(Path directory, Trust trusted, ArtifactSource source) {
        this.directory = directory;
        this.trusted = trusted;
        this.source = source;
    }

    /// The artifact of the digest, from the disk or else from its source.
    ///
    /// @throws ArtifactUnavailableException if it cannot be had now, or came with other content
    /// @throws IOException if it is not one of this cluster's
    Artifact load(Digest digest) throws IOException, InterruptedException {
        byte[] bytes = cached(digest);
        return decode(digest, bytes == null ? fetch(digest) : bytes);
    }

    /// The artifact of the digest, from the disk alone.
    ///
    /// @throws IOException if it is not there, or is not one of this cluster's
    Artifact loadFromDisk(Digest digest) throws IOException {
        byte[] bytes = cached(digest);
        if (bytes == null) {
            throw new IOException("artifact " + digest + " is not on disk");
        }
        return decode(digest, bytes);
    }

    /// Removes every artifact but these.
    void retainOnly(Set<Digest> used) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Set<String> names = used.stream().map(Digest::hex).collect(Collectors.toSet());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!names.contains(file.getFileName().toString())) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            trouble.failed(e);
        }
    }

    @Override
    public void close() {
        source.close();
    }

    private Artifact decode(Digest digest, byte[] bytes) throws IOException {
        try {
            return ArtifactCodec.decode(bytes, trusted);
        } catch (MalformedArtifactException e) {
            throw new IOException("artifact " + digest + " is refused: " + e.getMessage(), e);
        }
    }

    private byte @Nullable [] cached(Digest digest) {
        Path file = directory.resolve(digest.hex());
        try {
            if (!Files.exists(file)) {
                return null;
            }
            if (Files.size(file) <= ArtifactSource.BYTES_MAX) {
                byte[] bytes = Files.readAllBytes(file);
                if (Digest.of(bytes).equals(digest)) {
                    return bytes;
                }
            }
            log.warn("artifact {} is damaged on disk", digest);
        } catch (IOException e) {
            log.warn("artifact {} cannot be read from disk: {}", digest, e.toString());
        }
        return null;
    }

    private byte[] fetch(Digest digest) throws IOException, InterruptedException {
        byte[] bytes;
        try {
            bytes = source.fetch(digest);
        } catch (IOException e) {
            throw new ArtifactUnavailableException(
                    "artifact " + digest + " cannot be had: " + e.getMessage(), e);
        }
        if (!Digest.of(bytes).equals(digest)) {
            log.warn("artifact {} came with other content and is not used", digest);
            throw new ArtifactUnavailableException(
                    "artifact " + digest + " came with other content");
        }
        try {
            DurableFile.replace(directory.resolve(digest.hex()), out -> out.write(bytes));
            DurableFile.forceDirectory(directory);
            trouble.worked();
        } catch (ClosedByInterruptException _) {
            Thread.interrupted();
            throw new InterruptedException();
        } catch (IOException e) {
            // It can be used all the same.
            trouble.failed(e);
        }
        return bytes;
    }
}
