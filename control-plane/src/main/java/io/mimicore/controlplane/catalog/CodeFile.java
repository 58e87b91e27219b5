package io.mimicore.controlplane.catalog;

import io.mimicore.build.BuildRequest;
import io.mimicore.controlplane.source.FileStamp;
import io.mimicore.controlplane.source.ReferencedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The file that a config names as its code.
///
/// @param content its bytes, not copied; absent: it may not or cannot be read
/// @param refusal why not; empty: it was read
/// @param reference what to watch; absent: nothing, the path leads outside
record CodeFile(byte @Nullable [] content, String refusal, @Nullable ReferencedFile reference) {

    /// Reads the file at `path` inside `directory`. A path that leads outside is refused, by `..`,
    /// as an absolute path or through a symbolic link: a config must not be able to publish what
    /// its author cannot read.
    static CodeFile read(Path directory, String path, InstantSource clock) {
        Path relative;
        try {
            relative = directory.getFileSystem().getPath(path);
        } catch (InvalidPathException e) {
            return refused("source: " + path + " (expected: a path), " + e.getReason(), null);
        }
        boolean leadsOutside =
                relative.isAbsolute()
                        || relative.getNameCount() == 0
                        || path.isBlank()
                        || hasParentSegment(relative);
        if (leadsOutside) {
            return refused(
                    "source: " + path + " (expected: a path inside the config's directory)", null);
        }
        var absent = new ReferencedFile(path, null);
        try {
            Path root = directory.toRealPath();
            Path real = root.resolve(relative).toRealPath();
            if (!real.startsWith(root)) {
                return refused(
                        "source: "
                                + path
                                + " links to "
                                + real
                                + " (expected: a file inside the config's directory)",
                        null);
            }
            return readWhole(real, path, clock);
        } catch (NoSuchFileException _) {
            return refused("source: " + path + " (expected: a file that is there)", absent);
        } catch (IOException e) {
            return refused("source: " + path + " cannot be read: " + e, absent);
        }
    }

    /// The answer where there is no directory to look in: a config that was applied.
    static CodeFile withoutDirectory(String path) {
        return refused(
                "source: "
                        + path
                        + " (expected: inline_source, as a config that is applied has no directory)",
                null);
    }

    /// Whether a module is meant, not Go text.
    static boolean isModule(String path) {
        return path.toLowerCase(Locale.ROOT).endsWith(".wasm");
    }

    private static CodeFile readWhole(Path file, String path, InstantSource clock)
            throws IOException {
        FileStamp before = stamp(file);
        if (before == null || before.bytes() > BuildRequest.SOURCE_BYTES_MAX) {
            return refused(
                    "source: "
                            + path
                            + " (expected: a file of at most "
                            + BuildRequest.SOURCE_BYTES_MAX
                            + " bytes)",
                    new ReferencedFile(path, before));
        }
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(BuildRequest.SOURCE_BYTES_MAX + 1);
        }
        // What may be half a file is built all the same; without a stamp the directory tells the
        // config again as soon as the file is at rest.
        boolean sure =
                before.equals(stamp(file))
                        && content.length == before.bytes()
                        && !before.isFresh(clock.instant());
        return new CodeFile(content, "", new ReferencedFile(path, sure ? before : null));
    }

    private static @Nullable FileStamp stamp(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.isRegularFile() ? FileStamp.of(attributes) : null;
    }

    private static boolean hasParentSegment(Path path) {
        for (Path segment : path) {
            if (segment.toString().equals("..")) {
                return true;
            }
        }
        return false;
    }

    private static CodeFile refused(String refusal, @Nullable ReferencedFile reference) {
        return new CodeFile(null, refusal, reference);
    }
}
