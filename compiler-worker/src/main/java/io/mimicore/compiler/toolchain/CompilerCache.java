package io.mimicore.compiler.toolchain;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Go's build cache, kept within a bound.
///
/// Go itself removes only what was not used for days, so a thousand edits of one program within an
/// hour would leave gigabytes. What came with the preparation, the standard library above all, is
/// kept, because without it the next build takes half a minute; of the rest the oldest goes first.
///
/// Thread-safe. Builds of this process wait while files are removed; one of another process, which
/// shares the directory, may fail once as a fault of the machine and is tried again.
final class CompilerCache {
    /// Most bytes that are left after [#CHECK_BUILDS] builds.
    static final long BYTES_MAX = 1024L * 1024 * 1024;

    /// Builds between two looks at the size. A build adds 3 MB, and never more than its limit of
    /// file size a few times.
    static final int CHECK_BUILDS = 50;

    /// Names of the kept files, one a line.
    private static final String KEPT = "mimicore-kept";

    private static final Logger log = LoggerFactory.getLogger(CompilerCache.class);

    private final Path directory;
    private final long bytesMax;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private int builds;

    CompilerCache(Path directory) {
        this(directory, BYTES_MAX);
    }

    CompilerCache(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
    }

    /// Does a build that uses the cache.
    <T, E extends Exception> T during(Build<T, E> build)
            throws IOException, E, InterruptedException {
        if (isTimeToLook()) {
            trim();
        }
        lock.readLock().lockInterruptibly();
        try {
            return build.run();
        } finally {
            lock.readLock().unlock();
        }
    }

    /// Marks all that is there now as what every build needs.
    void keepAll() throws IOException {
        List<String> names = new ArrayList<>();
        for (Entry entry : entries()) {
            names.add(directory.relativize(entry.file()).toString());
        }
        Files.createDirectories(directory);
        Files.write(directory.resolve(KEPT), names);
    }

    /// Removes the oldest files that are not kept, until half of the bound is left, if there are
    /// more bytes than the bound.
    void trim() throws IOException, InterruptedException {
        lock.writeLock().lockInterruptibly();
        try {
            List<Entry> entries = entries();
            long bytes = entries.stream().mapToLong(Entry::bytes).sum();
            if (bytes <= bytesMax) {
                return;
            }
            Set<String> kept = kept();
            long before = bytes;
            entries.sort(Comparator.comparing(Entry::used));
            for (Entry entry : entries) {
                if (bytes <= bytesMax / 2) {
                    break;
                }
                if (!kept.contains(directory.relativize(entry.file()).toString())) {
                    Files.deleteIfExists(entry.file());
                    bytes -= entry.bytes();
                }
            }
            log.info("compiler cache {}: {} MiB of {} left", directory, bytes >> 20, before >> 20);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private synchronized boolean isTimeToLook() {
        builds++;
        return builds % CHECK_BUILDS == 1;
    }

    private Set<String> kept() throws IOException {
        try {
            return new HashSet<>(Files.readAllLines(directory.resolve(KEPT)));
        } catch (NoSuchFileException e) {
            return Set.of();
        }
    }

    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        Path kept = directory.resolve(KEPT);
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (!file.equals(kept)) {
                            entries.add(
                                    new Entry(
                                            file,
                                            attributes.size(),
                                            attributes.lastModifiedTime()));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE; // another process removed it
                        }
                        throw e;
                    }
                });
        return entries;
    }

    /// A build, which may fail in its own way.
    @FunctionalInterface
    interface Build<T, E extends Exception> {
        /// Runs it to its end.
        T run() throws IOException, E, InterruptedException;
    }

    private record Entry(Path file, long bytes, FileTime used) {}
}
