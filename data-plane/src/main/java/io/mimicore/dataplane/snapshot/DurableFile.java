package io.mimicore.dataplane.snapshot;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Replaces files so that a crash at any time leaves either the old content or the new.
final class DurableFile {
    /// Ends the name of a file that is being written; one that a crash left means nothing.
    static final String UNFINISHED = ".tmp";

    private DurableFile() {}

    /// What a file is to hold.
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /// Writes the content beside the file, forces it to the disk and renames it over the file.
    ///
    /// The name is not durable before [#forceDirectory].
    ///
    /// @throws IOException if that fails; the file is as before and nothing is left beside it
    static void replace(Path file, Content content) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        boolean done = false;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel =
                    FileChannel.open(unfinished, CREATE, WRITE, TRUNCATE_EXISTING)) {
                OutputStream out =
                        new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            done = true;
        } finally {
            if (!done) {
                // A full disk is not made fuller by what could not be finished.
                deleteQuietly(unfinished);
            }
        }
    }

    /// Makes the names in a directory durable.
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // The failure that led here is the one that is reported.
        }
    }
}
