package io.mimicore.compiler.artifacts.directory;

import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Content in files named by their digest.
///
/// A file is written under another name, forced to the disk and renamed, and then the directory is
/// forced too: at any crash the content is there whole or not at all. What a process left half
/// written is removed when the next one opens the directory; where several share it, only once
/// nobody can be writing it any more.
///
/// A file is compared with its digest when it is first asked for with [#contains]. A damaged one is
/// removed, so that whoever needs it makes it again.
///
/// Thread-safe.
public final class DirectoryArtifactStore implements ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(DirectoryArtifactStore.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final String UNFINISHED = ".new";

    /// How long writing one file can take at most.
    private static final Duration WRITING_MAX = Duration.ofHours(1);

    private final Path directory;
    private final long bytesMax;

    /// What is known to be whole: no more than there are files.
    private final Set<Digest> whole = ConcurrentHashMap.newKeySet();

    /// Held while a file is checked, so that the one written in place of a damaged one stays.
    private final ReentrantLock checking = new ReentrantLock();

    private DirectoryArtifactStore(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
    }

    /// Opens the store in `directory`, which is made if need be and is this process's alone.
    ///
    /// @throws StoreException if the directory cannot be made or read
    public static DirectoryArtifactStore open(Path directory) {
        return open(directory, BYTES_MAX);
    }

    /// Opens the store in `directory`, which is made if need be and which other processes of this
    /// machine may have open too.
    ///
    /// @throws StoreException if the directory cannot be made or read
    public static DirectoryArtifactStore openShared(Path directory) {
        return open(directory, BYTES_MAX, WRITING_MAX);
    }

    /// @param bytesMax largest content, in bytes
    static DirectoryArtifactStore open(Path directory, long bytesMax) {
        return open(directory, bytesMax, Duration.ZERO);
    }

    private static DirectoryArtifactStore open(Path directory, long bytesMax, Duration writing) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute);
            removeUnfinished(absolute, writing);
        } catch (IOException | DirectoryIteratorException e) {
            throw new StoreException("artifact directory " + absolute + " cannot be opened", e);
        }
        return new DirectoryArtifactStore(absolute, bytesMax);
    }

    /// Removes what was begun so long ago that nobody can be at it any more.
    private static void removeUnfinished(Path directory, Duration writing) throws IOException {
        // The clock of the file system, which may be another machine's.
        Path probe = Files.createTempFile(directory, "probe", UNFINISHED);
        Instant begun = Files.getLastModifiedTime(probe).toInstant().minus(writing);
        Files.delete(probe);
        try (DirectoryStream<Path> unfinished =
                Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
            for (Path file : unfinished) {
                if (isFrom(file, begun)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isFrom(Path file, Instant latest) throws IOException {
        try {
            return !Files.getLastModifiedTime(file).toInstant().isAfter(latest);
        } catch (NoSuchFileException _) {
            // Finished since the directory was read.
            return false;
        }
    }

    @Override
    public Stored put(byte[] content) {
        if (content.length > bytesMax) {
            throw new IllegalArgumentException(
                    "artifact: " + content.length + " bytes (expected: at most " + bytesMax + ")");
        }
        Digest digest = Digest.of(content);
        try {
            if (contains(digest)) {
                // Whoever wrote it may not have come to this yet.
                force(directory);
                return new Stored(digest, false);
            }
            Path unfinished = Files.createTempFile(directory, digest.hex(), UNFINISHED);
            try {
                write(unfinished, content);
                Files.move(unfinished, file(digest), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            force(directory);
        } catch (IOException e) {
            throw new StoreException("artifact " + digest + " cannot be written", e);
        }
        return new Stored(digest, true);
    }

    @Override
    public @Nullable InputStream open(Digest digest) {
        try {
            return Files.newInputStream(file(digest));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new StoreException("artifact " + digest + " cannot be opened", e);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        if (!Files.isRegularFile(file(digest))) {
            return false;
        }
        return whole.contains(digest) || check(digest);
    }

    private boolean check(Digest digest) {
        Path file = file(digest);
        checking.lock();
        try {
            if (Files.size(file) <= bytesMax
                    && Digest.of(Files.readAllBytes(file)).equals(digest)) {
                whole.add(digest);
                return true;
            }
            log.warn("artifact {} is damaged on disk and removed", digest);
            Files.deleteIfExists(file);
            return false;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new StoreException("artifact " + digest + " cannot be read", e);
        } finally {
            checking.unlock();
        }
    }

    @Override
    public void delete(Digest digest) {
        whole.remove(digest);
        try {
            Files.deleteIfExists(file(digest));
        } catch (IOException e) {
            throw new StoreException("artifact " + digest + " cannot be deleted", e);
        }
    }

    @Override
    public List<Listed> list() {
        List<Listed> listed = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (DIGEST.matcher(name).matches()) {
                    Listed item = describe(file, new Digest(name));
                    if (item != null) {
                        listed.add(item);
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new StoreException("artifact directory " + directory + " cannot be read", e);
        }
        return listed;
    }

    /// Absent: a file has no URL that another machine could read.
    @Override
    public @Nullable URI presign(Digest digest, Duration validity) {
        return null;
    }

    private static @Nullable Listed describe(Path file, Digest digest) throws IOException {
        try {
            return new Listed(
                    digest, Files.size(file), Files.getLastModifiedTime(file).toInstant());
        } catch (NoSuchFileException e) {
            // Deleted since the directory was read.
            return null;
        }
    }

    private Path file(Digest digest) {
        return directory.resolve(digest.hex());
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    /// Makes the names in a directory survive a crash; possible on Unix systems.
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
