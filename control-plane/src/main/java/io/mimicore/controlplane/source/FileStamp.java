package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What tells two states of a file apart without reading it. Symbolic links are followed, so a link
/// that is turned to another file changes the stamp.
///
/// @param bytes the file's size
/// @param modified its modification time, as fine as the file system keeps it
/// @param fileKey device and inode where the file system has them
public record FileStamp(long bytes, Instant modified, @Nullable Object fileKey) {
    /// Longest time between two different modification times of one file, on file systems that keep
    /// fractions of a second: a kernel's tick is at most 10 ms, doubled.
    public static final Duration FRESH = Duration.ofMillis(20);

    private static final Duration FRESH_WHOLE_SECONDS = Duration.ofMillis(1_020);

    public FileStamp {
        requireNonNull(modified, "modified");
    }

    /// The stamp of a file with these attributes.
    public static FileStamp of(BasicFileAttributes attributes) {
        return new FileStamp(
                attributes.size(), attributes.lastModifiedTime().toInstant(), attributes.fileKey());
    }

    /// Whether the file was written so short a time before `now` that one more write could leave it
    /// with this very stamp. What was read of such a file may be half of it.
    public boolean isFresh(Instant now) {
        Duration age = Duration.between(modified, now);
        boolean wholeSeconds = modified.equals(modified.truncatedTo(ChronoUnit.SECONDS));
        Duration fresh = wholeSeconds ? FRESH_WHOLE_SECONDS : FRESH;
        // A time in the future is another machine's clock, not a write of this moment.
        return !age.isNegative() && age.compareTo(fresh) < 0;
    }
}
