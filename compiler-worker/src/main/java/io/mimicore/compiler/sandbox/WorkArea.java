package io.mimicore.compiler.sandbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The directory that one process builds in, among those of other processes.
///
/// Each has a lock file beside it which its process keeps locked. The operating system unlocks it
/// when the process ends, however it ends, so whoever can lock another's file may clear away what
/// that process left behind.
final class WorkArea implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path directory;
    private final Path lockFile;
    private final FileChannel locked;

    private WorkArea(Path directory, Path lockFile, FileChannel locked) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.locked = locked;
    }

    /// Clears what ended processes left under `parent` and makes a fresh directory there.
    static WorkArea open(Path parent) throws IOException {
        Files.createDirectories(parent);
        clear(parent);
        while (true) {
            Path lockFile = Files.createTempFile(parent, "area-", LOCK);
            FileChannel channel = lock(lockFile);
            // Between its making and its locking another process may have cleared it away.
            if (channel != null && Files.exists(lockFile)) {
                return new WorkArea(
                        Files.createDirectories(directoryOf(lockFile)), lockFile, channel);
            }
            if (channel != null) {
                channel.close();
            }
        }
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        DirectoryTree.delete(directory);
        Files.deleteIfExists(lockFile);
        locked.close();
    }

    private static void clear(Path parent) throws IOException {
        try (DirectoryStream<Path> lockFiles = Files.newDirectoryStream(parent, "*" + LOCK)) {
            for (Path lockFile : lockFiles) {
                try (FileChannel channel = lock(lockFile)) {
                    if (channel != null) {
                        Path left = directoryOf(lockFile);
                        if (Files.exists(left)) {
                            DirectoryTree.delete(left);
                        }
                        Files.deleteIfExists(lockFile);
                    }
                }
            }
        }
    }

    /// Absent: a living process holds it, or it is gone.
    private static @Nullable FileChannel lock(Path lockFile) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
        } catch (java.nio.file.NoSuchFileException e) {
            return null;
        }
        boolean held = false;
        try {
            FileLock lock = channel.tryLock();
            held = lock != null;
        } catch (OverlappingFileLockException e) {
            // This very process holds it.
            held = false;
        } finally {
            if (!held) {
                channel.close();
            }
        }
        return held ? channel : null;
    }

    private static Path directoryOf(Path lockFile) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }
}
