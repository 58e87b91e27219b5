package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.SourceId;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the ledger knows about one source. Confined to the catalog's thread.
final class SourceState {
    private final SourceId id;

    /// The directory as it was given; absent: it is not watched by this process.
    private final @Nullable Path directory;

    private Set<String> present = Set.of();
    private Set<String> missing = Set.of();
    private boolean complete;
    private boolean lookPending;
    private int reading;
    private final NavigableSet<FileKey> read = new TreeSet<>();
    private String unavailable = "";

    SourceState(SourceId id, @Nullable Path directory) {
        this.id = id;
        this.directory = directory;
        // What is not watched has no files.
        this.lookPending = directory == null;
    }

    SourceId id() {
        return id;
    }

    @Nullable Path directory() {
        return directory;
    }

    /// How problems call it.
    String name() {
        return directory == null ? id.value() : directory.toString();
    }

    void looked(Set<String> filesPresent, Set<String> filesMissing, boolean everyFileTold) {
        present = new HashSet<>(filesPresent);
        missing = new HashSet<>(filesMissing);
        complete = everyFileTold;
        unavailable = "";
        lookPending = true;
    }

    /// Whether a look at the directory has not been compared yet with the files that are known.
    boolean isLookPending() {
        return lookPending;
    }

    /// Notes that it has to be, or has been.
    void lookPending(boolean pending) {
        lookPending = pending;
    }

    /// Counts the files whose text is being read.
    void reading(int change) {
        reading += change;
    }

    /// Whether a file's text is being read.
    boolean isReading() {
        return reading > 0;
    }

    /// The files that were read and wait for it to be settled which API is whose.
    NavigableSet<FileKey> read() {
        return read;
    }

    void unavailable(String reason) {
        unavailable = reason;
    }

    /// Whether the file is there, or was a moment ago.
    boolean holds(String file) {
        return present.contains(file);
    }

    /// Whether the file was there a moment ago and is not now.
    boolean misses(String file) {
        return missing.contains(file);
    }

    /// Whether every file of the directory has been told.
    boolean isComplete() {
        return complete;
    }

    /// Why it cannot be looked at; empty: it can.
    String unavailable() {
        return unavailable;
    }

    /// Whether it is known how it stands with this source.
    boolean isHeard() {
        return directory == null || complete || !unavailable.isEmpty();
    }
}
