package io.mimicore.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/// The directories of one program under test: configs and state.
final class Workspace {
    /// Shared by all tests of a run, so that Go's standard library is compiled once.
    private static final Path TOOLCHAIN_CACHE = Path.of("target", "toolchain-cache");

    private final Path root;
    private final Path configs;
    private final Path state;

    private Workspace(Path root) {
        this.root = root;
        this.configs = root.resolve("configs");
        this.state = root.resolve("state");
    }

    static Workspace in(Path root) {
        var workspace = new Workspace(root);
        try {
            Files.createDirectories(workspace.configs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return workspace;
    }

    /// The sample APIs of the checkout.
    static Path sampleConfigs() {
        return Path.of(System.getProperty("mimicore.root", ""), "configs");
    }

    /// A file of `src/test/resources/samples`.
    static String sample(String name) {
        try (InputStream in = Workspace.class.getResourceAsStream("/samples/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("sample: " + name + " (expected: a resource)");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path configs() {
        return configs;
    }

    Path state() {
        return state;
    }

    Path config(String name) {
        return configs.resolve(name);
    }

    /// Writes a file in place, as most editors do.
    void write(String name, String text) {
        try {
            Files.writeString(config(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Writes a file beside the one it then replaces in one step.
    void replace(String name, String text) {
        Path temporary = configs.resolve("." + name + ".new");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, config(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete(String name) {
        try {
            Files.delete(config(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Copies every config of a directory.
    void copyFrom(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, configs.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The program with these directories and the shared cache of toolchains.
    MimicoreProcess.Builder program() {
        return MimicoreProcess.builder(configs, state).toolchainCache(TOOLCHAIN_CACHE);
    }

    /// Commands that run in the directory above `configs`.
    MimicoreCommand command() {
        return MimicoreCommand.in(root)
                .with(Map.of("MIMICORE_CACHE", TOOLCHAIN_CACHE.toAbsolutePath().toString()));
    }
}
