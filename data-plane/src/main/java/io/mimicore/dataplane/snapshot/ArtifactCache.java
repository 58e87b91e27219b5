package io.mimicore.dataplane.snapshot;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.artifact.MalformedArtifactException;
import io.mimicore.ir.Digest;
import io.mimicore.signing.TrustedKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Artifacts on the node's disk, by digest; fetched when they are not there.
///
/// Digest and signature are checked at each load, so a damaged file is fetched again and a forged
/// one is never used. Confined to the client's thread.
final class ArtifactCache {
    private static final Logger log = LoggerFactory.getLogger(ArtifactCache.class);

    private final Path directory;
    private final TrustedKey trusted;
    private final ArtifactSource source;

    ArtifactCache(Path directory, TrustedKey trusted, ArtifactSource source) {
        this.directory = directory;
        this.trusted = trusted;
        this.source = source;
    }

    /// The artifact of the digest.
    ///
    /// @param api for messages
    Artifact load(String api, Digest digest) throws RejectedException, InterruptedException {
        byte[] bytes = cached(digest);
        if (bytes == null) {
            bytes = fetch(api, digest);
        }
        try {
            return ArtifactCodec.decode(bytes, trusted);
        } catch (MalformedArtifactException e) {
            throw new RejectedException(api, "ARTIFACT", "artifact " + digest + " is refused: " + e.getMessage());
        }
    }

    /// Removes every artifact but these.
    void retainOnly(Set<Digest> used) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (used.stream().noneMatch(digest -> digest.hex().equals(name))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            log.warn("cannot clean {}: {}", directory, e.toString());
        }
    }

    private byte @org.jspecify.annotations.Nullable [] cached(Digest digest) {
        Path file = directory.resolve(digest.hex());
        try {
            if (!Files.exists(file)) {
                return null;
            }
            byte[] bytes = Files.readAllBytes(file);
            if (Digest.of(bytes).equals(digest)) {
                return bytes;
            }
            log.warn("artifact {} is damaged on disk and is fetched again", digest);
        } catch (IOException e) {
            log.warn("artifact {} cannot be read and is fetched again: {}", digest, e.toString());
        }
        return null;
    }

    private byte[] fetch(String api, Digest digest) throws RejectedException, InterruptedException {
        byte[] bytes;
        try {
            bytes = source.fetch(digest);
        } catch (IOException e) {
            throw new RejectedException(api, "ARTIFACT", "artifact " + digest + " cannot be had: " + e.getMessage());
        }
        if (!Digest.of(bytes).equals(digest)) {
            throw new RejectedException(api, "ARTIFACT", "artifact " + digest + " came with other content");
        }
        try {
            store(digest, bytes);
        } catch (IOException e) {
            // It can be used all the same; a restart without the control plane would miss it.
            log.warn("artifact {} cannot be kept in {}: {}", digest, directory, e.toString());
        }
        return bytes;
    }

    private void store(Digest digest, byte[] bytes) throws IOException {
        Files.createDirectories(directory);
        Path temporary = directory.resolve(digest.hex() + ".tmp");
        try (FileChannel channel = FileChannel.open(temporary, CREATE, WRITE, TRUNCATE_EXISTING)) {
            ByteBuffer content = ByteBuffer.wrap(bytes);
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.force(true);
        }
        Files.move(temporary, directory.resolve(digest.hex()), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
