package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.compiler.Cache;
import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.wasm.Parser;
import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Artifacts as a worker makes them, with an ABI written by hand.
final class TestArtifacts {
    static final String MACHINE_CLASS = "io.mimicore.generated.TestMachine";

    private TestArtifacts() {}

    /// The module in `src/test/resources/wasm/playground`, built once.
    static Artifact playground() {
        return Playground.ARTIFACT;
    }

    /// An artifact of a module's bytes.
    static Artifact of(byte[] module, List<FunctionSignature> functions) {
        var jars = new ArrayList<byte[]>();
        MachineFactoryCompiler.builder(Parser.parse(module))
                .withClassName(MACHINE_CLASS)
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .withCache(
                        new Cache() {
                            @Override
                            public byte[] get(String key) {
                                // The contract of the interface: null for nothing there.
                                return nothing();
                            }

                            @Override
                            public void putIfAbsent(String key, byte[] jar) {
                                jars.add(jar);
                            }
                        })
                .compile();
        return new Artifact(manifest(module, jars.getFirst(), functions), module, jars.getFirst());
    }

    @SuppressWarnings("NullAway") // the interface was written without null annotations
    private static byte[] nothing() {
        return null;
    }

    static ArtifactManifest manifest(
            byte[] module, byte[] classes, List<FunctionSignature> functions) {
        return new ArtifactManifest(
                ArtifactManifest.ABI,
                Digest.of(module),
                "go",
                "1.24",
                WasmCodePools.RUNTIME,
                functions,
                Digest.of(module),
                Digest.of(classes),
                MACHINE_CLASS);
    }

    /// Builds a Go module of the test resources.
    static byte[] build(String name) {
        Path sources = Path.of("src", "test", "resources", "wasm", name);
        try {
            Path directory = Files.createDirectories(Path.of("target", "wasm-tests"));
            Path module = directory.resolve(name + ".wasm").toAbsolutePath();
            var go =
                    new ProcessBuilder(
                                    "go",
                                    "build",
                                    "-buildmode=c-shared",
                                    "-trimpath",
                                    "-o",
                                    module.toString(),
                                    ".")
                            .directory(sources.toFile())
                            .redirectErrorStream(true);
            go.environment()
                    .putAll(
                            Map.of(
                                    "GOOS", "wasip1",
                                    "GOARCH", "wasm",
                                    "GOTOOLCHAIN", "local",
                                    "GOPROXY", "off",
                                    "GOFLAGS", "-buildvcs=false"));
            Process process = go.start();
            String output;
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readAllBytes(), UTF_8);
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException("go build: " + output);
            }
            return Files.readAllBytes(module);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while go built " + name, e);
        }
    }

    /// Loaded, and so built, by the first test that asks.
    private static final class Playground {
        static final Artifact ARTIFACT = of(build("playground"), PlaygroundFunctions.ALL);
    }
}
