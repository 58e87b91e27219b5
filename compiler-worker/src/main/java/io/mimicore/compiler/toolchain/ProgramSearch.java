package io.mimicore.compiler.toolchain;

import static java.util.Objects.requireNonNull;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/// Where toolchains are looked for: `GOROOT` (`TINYGOROOT`), the `PATH`, the usual directories.
///
/// @param environment variables of the worker's own process
/// @param usualRoots directories under which installers put toolchains
public record ProgramSearch(Map<String, String> environment, List<Path> usualRoots) {
    public ProgramSearch {
        environment = Map.copyOf(environment);
        usualRoots = List.copyOf(usualRoots);
    }

    /// The search of a process with `environment` on this machine.
    public static ProgramSearch of(Map<String, String> environment) {
        return new ProgramSearch(
                environment, List.of(Path.of("/usr/local"), Path.of("/usr/lib"), Path.of("/opt")));
    }

    /// Every `go` command there is, the preferred first.
    List<Path> go() {
        return find("go", "GOROOT");
    }

    /// Every `tinygo` command there is, the preferred first.
    List<Path> tinygo() {
        return find("tinygo", "TINYGOROOT");
    }

    private List<Path> find(String program, String rootVariable) {
        SequencedSet<Path> found = new LinkedHashSet<>();
        String root = environment.get(rootVariable);
        if (root != null && !root.isBlank()) {
            add(found, Path.of(root, "bin", program));
        }
        for (String directory :
                environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (!directory.isBlank()) {
                add(found, Path.of(directory, program));
            }
        }
        for (Path usual : usualRoots) {
            for (Path installed : installed(usual, program)) {
                add(found, installed.resolve("bin").resolve(program));
            }
        }
        String home = environment.get("HOME");
        if (home != null && !home.isBlank()) {
            add(found, Path.of(home, program, "bin", program));
            for (Path sdk : installed(Path.of(home, "sdk"), program)) {
                add(found, sdk.resolve("bin").resolve(program));
            }
        }
        return List.copyOf(found);
    }

    /// Directories such as `go`, `go1.26.8` and `go-1.24`, the highest name first.
    private static List<Path> installed(Path root, String program) {
        List<Path> directories = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return directories;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, program + "*")) {
            entries.forEach(directories::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // A directory that cannot be read holds no toolchain that can be run.
            return List.of();
        }
        directories.sort(Comparator.reverseOrder());
        return directories;
    }

    private static void add(SequencedSet<Path> found, Path program) {
        if (GoInstallation.isProgram(program)) {
            found.add(requireNonNull(program.toAbsolutePath().normalize()));
        }
    }
}
