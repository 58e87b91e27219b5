package io.mimicore.controlplane.source;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/// Who brings an API: a directory or the admin API. As text it is `dir:PATH` or `admin`.
///
/// @param value the text; a directory's path is absolute, with its symbolic links as given
public record SourceId(String value) implements Comparable<SourceId> {
    /// The admin API.
    public static final SourceId ADMIN = new SourceId("admin");

    private static final String DIRECTORY = "dir:";

    public SourceId {
        requireNonNull(value, "value");
        if (!value.equals("admin") && !value.startsWith(DIRECTORY)) {
            throw new IllegalArgumentException(
                    "source: " + value + " (expected: admin or dir:PATH)");
        }
    }

    /// The source that the directory at `path` is.
    public static SourceId directory(Path path) {
        return new SourceId(DIRECTORY + path.toAbsolutePath().normalize());
    }

    /// Whether a directory is meant.
    public boolean isDirectory() {
        return value.startsWith(DIRECTORY);
    }

    @Override
    public int compareTo(SourceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
