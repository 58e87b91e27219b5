package io.mimicore.controlplane.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A directory as the scanner sees it. Blocks; used by one thread.
interface DirectoryFiles {
    /// The names of everything in the directory, in no order.
    ///
    /// @throws IOException if the directory is not there or cannot be listed
    List<String> names() throws IOException;

    /// The stamp of the file at `path`, relative to the directory; absent: there is nothing of this
    /// name.
    ///
    /// @throws NotAFileException if there is something else than a regular file
    /// @throws IOException if the file is there and cannot be looked at
    @Nullable FileStamp stamp(String path) throws IOException;

    /// The first `bytesMax` bytes of the file.
    byte[] read(String path, int bytesMax) throws IOException;

    /// The files of a real directory.
    static DirectoryFiles of(Path directory) {
        return new OnDisk(directory);
    }

    /// A real directory, through the file system that its path belongs to.
    record OnDisk(Path directory) implements DirectoryFiles {
        @Override
        public List<String> names() throws IOException {
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            } catch (java.nio.file.DirectoryIteratorException e) {
                throw e.getCause();
            }
            return names;
        }

        @Override
        public @Nullable FileStamp stamp(String path) throws IOException {
            Path file = directory.resolve(path);
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (attributes.isRegularFile()) {
                    return FileStamp.of(attributes);
                }
                // Opening a pipe would wait for its writer, and a device may never end.
                throw new NotAFileException(
                        attributes.isDirectory()
                                ? "it is a directory"
                                : "it is a pipe, a socket or a device");
            } catch (NoSuchFileException e) {
                if (Files.isSymbolicLink(file)) {
                    throw new NotAFileException(
                            "it is a link to "
                                    + Files.readSymbolicLink(file)
                                    + ", which is missing");
                }
                return null;
            }
        }

        @Override
        public byte[] read(String path, int bytesMax) throws IOException {
            try (InputStream in = Files.newInputStream(directory.resolve(path))) {
                return in.readNBytes(bytesMax);
            }
        }
    }

    /// Something that is no regular file has a file's name.
    final class NotAFileException extends IOException {
        private static final long serialVersionUID = 1L;

        NotAFileException(String what) {
            super(what + " (expected: a regular file)");
        }
    }
}
