package io.mimicore.compiler.worker;

import static io.mimicore.compiler.worker.WorkerFixture.KEYS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.build.BuildOutcome;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.fixture.BuildHome;
import io.mimicore.compiler.fixture.ModuleText;
import io.mimicore.compiler.fixture.RunningModule;
import io.mimicore.compiler.sandbox.BuildSandbox;
import io.mimicore.compiler.toolchain.FoundToolchains;
import io.mimicore.compiler.toolchain.ProgramSearch;
import io.mimicore.config.CodeSource;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.signing.ClusterKey;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From an asker through the store to this machine's toolchains and back to a running module.
class GoFleetTest {
    @TempDir private Path directory;

    GoFleetTest() {
        directory = Path.of("");
    }

    @Test
    void build_goAndPrebuilt_comeBackAsArtifactsThatRun() throws Exception {
        var signer = ClusterKey.generate();
        DirectoryArtifactStore artifacts = DirectoryArtifactStore.open(directory);
        try (var store = new InMemoryMetadataStore();
                BuildSandbox sandbox = BuildHome.open();
                CompilerWorker worker =
                        CompilerWorker.builder(store, KEYS, artifacts)
                                .toolchains(
                                        FoundToolchains.find(
                                                        sandbox, ProgramSearch.of(System.getenv()))
                                                .toolchains())
                                .signer(signer)
                                .meters(new SimpleMeterRegistry())
                                .build()) {
            worker.start();
            StoreBuildQueue queue = StoreBuildQueue.builder(store, KEYS, artifacts).build();

            Artifact go =
                    artifact(
                            artifacts,
                            signer,
                            queue.build(
                                    """
                                    package main

                                    //export greet
                                    func greet(name string) string { return "Hello, " + name }
                                    """
                                            .getBytes(UTF_8),
                                    false,
                                    CodeSource.Toolchain.AUTO));
            assertThat(running(go).callWithText("greet", "[\"Ada\"]"))
                    .isEqualTo("\0\"Hello, Ada\"");

            Artifact prebuilt =
                    artifact(
                            artifacts,
                            signer,
                            queue.build(
                                    ModuleText.withMemory()
                                            .function("_initialize", List.of(), List.of(), 0x01)
                                            .function(
                                                    "answer",
                                                    List.of(),
                                                    List.of(ModuleText.I32),
                                                    0x41,
                                                    0x2A)
                                            .assemble(),
                                    true,
                                    CodeSource.Toolchain.AUTO));
            assertThat(prebuilt.manifest().functions())
                    .extracting(FunctionSignature::name)
                    .containsExactly("answer");
            assertThat(running(prebuilt).call("answer")).containsExactly(42);
        }
    }

    private static Artifact artifact(
            DirectoryArtifactStore artifacts, ClusterKey signer, BuildOutcome outcome)
            throws Exception {
        assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
        try (InputStream stored = artifacts.open(((BuildOutcome.Built) outcome).artifact())) {
            assertThat(stored).isNotNull();
            return ArtifactCodec.decode(stored.readAllBytes(), signer.trusted());
        }
    }

    private static RunningModule running(Artifact artifact) throws Exception {
        return RunningModule.compiled(
                artifact.module(), artifact.classes(), artifact.manifest().machineClass());
    }
}
