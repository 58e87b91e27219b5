package io.mimicore.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;

/// A `go` command that notes how it is called, and holds builds up while a gate is shut, before it
/// hands over to the real one.
final class GoShim {
    private final Path directory;
    private final Path log;
    private final Path gate;

    private GoShim(Path directory) {
        this.directory = directory;
        this.log = directory.resolve("calls.log");
        this.gate = directory.resolve("shut");
    }

    /// @param directory an absolute path; made here
    static GoShim in(Path directory) throws IOException {
        var shim = new GoShim(Files.createDirectories(directory));
        Path script = directory.resolve("go");
        Files.writeString(
                script,
                """
                #!/bin/sh
                echo "$1" >>'%s'
                if [ "$1" = build ]; then
                  while [ -e '%s' ]; do sleep 0.05; done
                fi
                exec '%s' "$@"
                """
                        .formatted(shim.log, shim.gate, realGo()));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(shim.log);
        return shim;
    }

    /// A `PATH` on which this command comes first.
    String path() {
        return directory + File.pathSeparator + System.getenv("PATH");
    }

    void shutGate() throws IOException {
        Files.createFile(gate);
    }

    void openGate() throws IOException {
        Files.deleteIfExists(gate);
    }

    /// The first arguments of all calls so far, since [#forget].
    List<String> calls() throws IOException {
        return Files.readAllLines(log);
    }

    void forget() throws IOException {
        Files.writeString(log, "");
    }

    private static Path realGo() {
        List<Path> found =
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(entry -> Path.of(entry, "go"))
                        .filter(Files::isExecutable)
                        .toList();
        assertThat(found).as("go on the PATH").isNotEmpty();
        return found.getFirst().toAbsolutePath();
    }
}
