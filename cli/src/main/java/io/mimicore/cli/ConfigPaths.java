package io.mimicore.cli;

import io.mimicore.config.ConfigFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The config files that a command was given.
///
/// @param named as they were given
/// @param all the files themselves: those that were given, and those of directories
record ConfigPaths(List<Path> named, List<Path> all) {
    ConfigPaths {
        named = List.copyOf(named);
        all = List.copyOf(all);
    }

    /// Files, and directories whose `.json` files are meant.
    ///
    /// @throws CommandFailure if a directory cannot be read
    static ConfigPaths of(List<Path> named) {
        List<Path> all = new ArrayList<>();
        for (Path path : named) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> entries = Files.list(path)) {
                    entries.filter(ConfigPaths::isConfig).sorted().forEach(all::add);
                } catch (IOException e) {
                    throw new CommandFailure(
                            ExitCode.REFUSED, path + ": the directory cannot be read: " + e, e);
                }
            } else {
                all.add(path);
            }
        }
        return new ConfigPaths(named, all);
    }

    private static boolean isConfig(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".json") && !name.startsWith(".");
    }

    /// Reads one byte more than a config may have, at most. A pipe that was named is read to its
    /// end; in a directory, where nobody may ever write to it, it is no config.
    ConfigFile read(Path path) throws IOException {
        if (!named.contains(path) && Files.exists(path) && !Files.isRegularFile(path)) {
            throw new FileSystemException(
                    path.toString(), null, "not a regular file (expected: a regular file)");
        }
        try (InputStream in = Files.newInputStream(path)) {
            return new ConfigFile(path.toString(), in.readNBytes(ConfigFile.BYTES_MAX + 1));
        }
    }
}
