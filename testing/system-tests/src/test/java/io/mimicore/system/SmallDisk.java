package io.mimicore.system;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of its own that can be filled, freed and made read-only (Linux, as root).
final class SmallDisk implements AutoCloseable {
    private static final int BYTES = 16 << 20;

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /// Mounts an empty one over a directory, which is made if need be.
    static SmallDisk at(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        require("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", directory.toString());
        return new SmallDisk(directory);
    }

    /// Takes all room that is left.
    void fill() {
        try (OutputStream out = Files.newOutputStream(filler())) {
            byte[] block = new byte[4096];
            for (int written = 0; written <= BYTES; written += block.length) {
                out.write(block);
            }
        } catch (IOException _) {
            return;
        }
        throw new AssertionError("the disk is not full (expected: at most " + BYTES + " bytes)");
    }

    /// Gives the room back.
    void free() {
        try {
            Files.delete(filler());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void readOnly() {
        require("mount", "-o", "remount,ro", directory.toString());
    }

    void writable() {
        require("mount", "-o", "remount,rw", directory.toString());
    }

    @Override
    public void close() {
        require("umount", "-l", directory.toString());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    private static void require(String... command) {
        int exit = Commands.run(command);
        if (exit != 0) {
            throw new AssertionError(
                    String.join(" ", command) + ": " + exit + " (expected: 0; needs root)");
        }
    }
}
