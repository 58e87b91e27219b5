package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories that change as a whole: mounts that are swapped, directories that vanish or are
/// emptied.
class SourceGuardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int APIS = 8;

    @TempDir private static Path root;
    private static Workspace workspace;
    private static Path mount;
    private static Path vanishing;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() throws IOException {
        workspace = Workspace.in(root);
        for (int i = 0; i < APIS; i++) {
            workspace.write("guarded" + i + ".json", Marked.plain("guarded" + i, 1));
        }
        mount = Files.createDirectory(root.resolve("mount"));
        fillMount("..1", 1);
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("..1"));
        for (String name : List.of("left.json", "right.json")) {
            Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
        }
        vanishing = Files.createDirectory(root.resolve("vanishing"));
        Files.writeString(vanishing.resolve("shade.json"), Marked.plain("shade", 1));
        program = workspace.program().configs(mount).configs(vanishing).start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static void fillMount(String directory, int mark) throws IOException {
        Path files = Files.createDirectory(mount.resolve(directory));
        Files.writeString(files.resolve("left.json"), Marked.plain("left", mark));
        Files.writeString(files.resolve("right.json"), Marked.plain("right", mark));
    }

    @Test
    void configMap_swapped_isServedWithoutAFailedRequest() throws IOException {
        try (Load load = load("left")) {
            for (int mark = 2; mark <= 4; mark++) {
                fillMount(".." + mark, mark);
                Path next = mount.resolve("..data_tmp");
                Files.createSymbolicLink(next, Path.of(".." + mark));
                Files.move(next, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
                int wanted = mark;
                eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, wanted)).isTrue());
                awaitServed("right", mark);
            }
            load.finish();
            Marked.requireWhole(load, List.of(1, 2, 3, 4));
        }
    }

    @Test
    void directory_vanished_isAnAlarmAndServesOn() throws IOException {
        Path away = root.resolve("away");
        try (Load load = load("shade")) {
            Files.move(vanishing, away);
            String alarm = vanishing + ":1:1: error SOURCE_ALARM: ";
            assertThat(program.err().awaitLine(alarm, PATIENCE)).isPresent();
            assertThat(problems()).contains("SOURCE_ALARM").contains(vanishing.toString());

            Files.writeString(away.resolve("shade.json"), Marked.plain("shade", 2));
            Files.move(away, vanishing);
            eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, 2)).isTrue());
            assertThat(program.err().awaitText(vanishing + ": all problems are gone", PATIENCE))
                    .isPresent();
            assertThat(problems()).doesNotContain(vanishing.toString());
            load.finish();
            Marked.requireWhole(load, List.of(1, 2));
        }
    }

    @Test
    void directory_lostMostOfItsFiles_isAnAlarmAndServesOn() {
        try (Load load = load("guarded0")) {
            for (int i = 0; i < 6; i++) {
                workspace.delete("guarded" + i + ".json");
            }
            String alarm = workspace.configs() + ":1:1: error SOURCE_ALARM: ";
            assertThat(program.err().awaitLine(alarm, PATIENCE)).isPresent();
            assertThat(problems()).contains("SOURCE_ALARM", "6 of the source's 8 APIs");
            for (int i = 0; i < APIS; i++) {
                awaitServed("guarded" + i, 1);
            }

            for (int i = 0; i < 6; i++) {
                workspace.write("guarded" + i + ".json", Marked.plain("guarded" + i, 2));
                awaitServed("guarded" + i, 2);
            }
            assertThat(
                            program.err()
                                    .awaitText(
                                            workspace.configs() + ": all problems are gone",
                                            PATIENCE))
                    .isPresent();
            load.finish();
            Marked.requireWhole(load, List.of(1, 2));
        }
        workspace.delete("guarded7.json");
        eventually(
                PATIENCE,
                () -> assertThat(program.send(Marked.request("guarded7")).status()).isEqualTo(404));
        workspace.write("guarded7.json", Marked.plain("guarded7", 1));
        awaitServed("guarded7", 1);
    }

    private static Load load(String api) {
        return Load.start(program.traffic(), Marked.request(api), 3);
    }

    private static void awaitServed(String api, int mark) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(Marked.request(api)).body())
                                .isEqualTo(Marked.body(mark)));
    }

    /// Problems that belong to no API, as the admin side tells them.
    private static String problems() {
        String admin = "127.0.0.1:" + program.admin().getPort();
        Outcome outcome = workspace.command().run("get", "apis", "-o", "json", "--admin", admin);
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        return json(outcome.out()).path("problems").toString();
    }
}
