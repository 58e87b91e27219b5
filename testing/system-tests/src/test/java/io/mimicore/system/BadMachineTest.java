package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The disk is full, read-only or damaged.
class BadMachineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;
    private Workspace workspace;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
    }

    @Test
    void diskFull_whileRunning_servesOnAndPublishesWhenThereIsRoom() {
        workspace.write("api.json", Marked.plain("api", 1));
        try (SmallDisk disk = SmallDisk.at(workspace.state())) {
            try (MimicoreProcess program = workspace.program().start();
                    Load load = Load.start(program.traffic(), Marked.request("api"), 2)) {
                eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, 1)).isTrue());
                disk.fill();
                // Larger than what a store may have reserved.
                workspace.write("large.json", large());
                workspace.replace("api.json", Marked.plain("api", 2));

                assertThat(program.err().awaitText("cannot publish, trying again", PATIENCE))
                        .isPresent();
                assertThat(program.err().text()).contains("is the disk full or read-only?");
                long served = load.count();
                eventually(PATIENCE, () -> assertThat(load.count()).isGreaterThan(served + 50));
                assertThat(Marked.hasSeen(load, 2)).isFalse();
                disk.free();
                eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, 2)).isTrue());
                load.finish();
                Marked.requireWhole(load, List.of(1, 2));
                program.kill();
            }
            disk.fill();
            try (MimicoreProcess refused = workspace.program().launch()) {
                assertThat(refused.awaitExit()).isEqualTo(1);
                assertThat(refused.err().text())
                        .contains("is the disk full or read-only?")
                        .doesNotContain("\tat ");
            }
            disk.free();
            disk.readOnly();
            try (MimicoreProcess refused = workspace.program().launch()) {
                assertThat(refused.awaitExit()).isEqualTo(1);
                assertThat(refused.err().text())
                        .contains("cannot write the state directory " + workspace.state())
                        .contains("--state")
                        .doesNotContain("\tat ");
            }
            disk.writable();
            try (MimicoreProcess again = workspace.program().start()) {
                assertThat(again.send(Marked.request("api")).body()).isEqualTo(Marked.body(2));
            }
        }
    }

    @Test
    void diskFull_atTheFirstStart_isRefusedAndLeavesNothingHalfMade() {
        workspace.write("api.json", Marked.plain("api", 1));
        try (SmallDisk disk = SmallDisk.at(workspace.state())) {
            disk.fill();
            try (MimicoreProcess refused = workspace.program().launch()) {
                assertThat(refused.awaitExit()).isEqualTo(1);
                assertThat(refused.err().text())
                        .contains("No space left on device", workspace.state().toString())
                        .doesNotContain("\tat ");
            }
            disk.free();
            try (MimicoreProcess program = workspace.program().start()) {
                assertThat(program.send(Marked.request("api")).body()).isEqualTo(Marked.body(1));
            }
        }
    }

    @Test
    void stateFiles_damaged_areMadeAgainOrRefusedWithWhatToDo() throws IOException {
        workspace.write("coded.json", Marked.withCode("coded", 1));
        long version;
        try (MimicoreProcess program = workspace.program().start()) {
            assertThat(program.send(Marked.request("coded")).body()).isEqualTo(Marked.body(1));
            version = program.send(Marked.request("coded")).version();
            program.terminate();
        }
        Path state = workspace.state();
        damageBelow(state.resolve("node"));
        requireServed(version);
        damageBelow(state.resolve("artifacts"));
        requireServed(version);

        damageBelow(state.resolve("artifacts"));
        damageBelow(state.resolve("node/artifacts"));
        requireServed(version);

        byte[] metadata = Files.readAllBytes(state.resolve("metadata.mv"));
        Files.write(state.resolve("metadata.mv"), new byte[metadata.length]);
        try (MimicoreProcess refused = workspace.program().launch()) {
            assertThat(refused.awaitExit()).isEqualTo(1);
            assertThat(refused.err().text())
                    .contains("metadata.mv", "move")
                    .doesNotContain("\tat ");
        }
        Files.write(state.resolve("metadata.mv"), metadata);
        requireServed(version);
    }

    private void requireServed(long version) {
        try (MimicoreProcess program = workspace.program().start()) {
            eventually(
                    PATIENCE,
                    () -> {
                        var response = program.send(Marked.request("coded"));
                        assertThat(response.body())
                                .as(program.err().text())
                                .isEqualTo(Marked.body(1));
                        assertThat(response.version()).isGreaterThanOrEqualTo(version);
                    });
            // Not killed: a version that ends its node twice is not used again.
            program.terminate();
        }
    }

    /// Cuts every file in half, which is what a file system may leave of what was not forced.
    private static void damageBelow(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String large() {
        return ApiText.of("large")
                .route(
                        "{\"method\":\"GET\",\"path\":\"/l\",\"response\":{\"body\":{\"text\":\""
                                + "x".repeat(1 << 20)
                                + "\"}}}")
                .text();
    }
}
