package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.source.SourceId;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the ledger knows about one source. Confined to the catalog's thread.
final class SourceState {
    private final SourceId id;

    /// The directory as it was given; absent: it is not watched by this process.
    private final @Nullable Path directory;

    private Set<String> present = Set.of();
    private Set<String> missing = Set.of();
    private boolean complete;
    private String unavailable = "";

    SourceState(SourceId id, @Nullable Path directory) {
        this.id = id;
        this.directory = directory;
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
