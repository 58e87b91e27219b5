package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

/// What a look at a directory has shown.
public sealed interface DirectoryEvent {
    /// The directory.
    SourceId source();

    /// The directory was listed.
    ///
    /// @param present names of the config files that count as being there
    /// @param missing those of `present` that were not seen for so short a time that an editor may
    ///   be about to write them again
    /// @param changed files that are new or differ from what was told before, whole
    /// @param unreadable files whose content cannot be had
    /// @param complete whether every file of `present` has been told by now
    record Looked(
            SourceId source,
            Set<String> present,
            Set<String> missing,
            List<FoundFile> changed,
            List<UnreadableFile> unreadable,
            boolean complete)
            implements DirectoryEvent {
        public Looked {
            requireNonNull(source, "source");
            present = Set.copyOf(present);
            missing = Set.copyOf(missing);
            changed = List.copyOf(changed);
            unreadable = List.copyOf(unreadable);
        }
    }

    /// The directory is not there or cannot be listed. Says nothing about its files.
    record Unavailable(SourceId source, String reason) implements DirectoryEvent {
        public Unavailable {
            requireNonNull(source, "source");
            requireNonNull(reason, "reason");
        }
    }
}
