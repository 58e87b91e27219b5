package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/// Names a file among all sources.
///
/// @param name the file's name in its directory
public record FileKey(SourceId source, String name) implements Comparable<FileKey> {
    private static final Comparator<FileKey> ORDER =
            Comparator.comparing(FileKey::source).thenComparing(FileKey::name);

    public FileKey {
        requireNonNull(source, "source");
        requireNonNull(name, "name");
    }

    @Override
    public int compareTo(FileKey other) {
        return ORDER.compare(this, other);
    }
}
