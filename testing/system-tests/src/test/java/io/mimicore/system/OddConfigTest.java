package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Things that have a config's name and are none: each is reported, and all others are served.
class OddConfigTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> REPORTS = new LinkedHashMap<>();

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() throws IOException {
        workspace = Workspace.in(root);
        workspace.write("mine.json", Marked.plain("mine", 1));
        makeOddThings();
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static void makeOddThings() throws IOException {
        String notRead = "error FILE_UNREADABLE: the file cannot be read: ";
        Files.createDirectory(workspace.config("directory.json"));
        REPORTS.put(
                "directory.json:1:1: ", notRead + "it is a directory (expected: a regular file)");
        Files.createSymbolicLink(workspace.config("dangling.json"), Path.of("nowhere.json"));
        REPORTS.put(
                "dangling.json:1:1: ",
                notRead
                        + "it is a link to nowhere.json, which is missing (expected: a regular file)");
        Files.createSymbolicLink(workspace.config("loop.json"), Path.of("loop.json"));
        REPORTS.put("loop.json:1:1: ", notRead);
        String special = "it is a pipe, a socket or a device (expected: a regular file)";
        assertThat(Commands.run("mkfifo", workspace.config("pipe.json").toString())).isZero();
        REPORTS.put("pipe.json:1:1: ", notRead + special);
        Files.createSymbolicLink(workspace.config("device.json"), Path.of("/dev/zero"));
        REPORTS.put("device.json:1:1: ", notRead + special);
        // Readable by name only, to whoever it is: what it stands for is refused by the kernel.
        Files.createSymbolicLink(workspace.config("denied.json"), Path.of("/proc/self/mem"));
        REPORTS.put("denied.json:1:1: ", "error ");
        Files.write(workspace.config("encoding.json"), new byte[] {'{', (byte) 0xc3, (byte) 0x28});
        REPORTS.put("encoding.json:1:2: ", "error FILE_ENCODING: ");
        Files.write(workspace.config("large.json"), new byte[(4 << 20) + 1]);
        REPORTS.put(
                "large.json:1:1: ",
                "error FILE_TOO_LARGE: size: 4194305 bytes (expected: at most 4194304)");
        Files.write(workspace.config("empty.json"), new byte[0]);
        REPORTS.put("empty.json:1:1: ", "error JSON_SYNTAX: ");
    }

    @Test
    void oddThings_atTheStart_areReportedByNameWhileOthersServe() {
        assertThat(program.send(Marked.request("mine")).body()).isEqualTo(Marked.body(1));
        REPORTS.forEach((place, report) ->
                assertThat(program.err().text())
                        .contains(workspace.configs() + "/" + place + report));
    }

    @Test
    void oddThing_whereAConfigWas_leavesItLiveAndMendsItself() throws IOException {
        workspace.write("turned.json", Marked.plain("turned", 1));
        awaitServed("turned", 1);
        Path aside = root.resolve("aside");
        Files.createDirectory(aside);
        Path file = workspace.config("turned.json");
        Files.delete(file);
        Files.move(aside, file);

        assertThat(program.err().awaitText(file + ": not served", PATIENCE)).isPresent();
        assertThat(program.send(Marked.request("turned")).body()).isEqualTo(Marked.body(1));
        Files.delete(file);
        workspace.write("turned.json", Marked.plain("turned", 2));
        awaitServed("turned", 2);
        assertThat(program.err().awaitText(file + ": all problems are gone", PATIENCE)).isPresent();
    }

    @Test
    void validate_ofOddThings_endsAndReportsTheSame() {
        Outcome outcome = workspace.command().run("validate", workspace.configs().toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        REPORTS.keySet()
                .forEach(place -> assertThat(outcome.out()).contains("/" + place + "error "));
        assertThat(outcome.out()).doesNotContain("mine.json:");
    }

    private static void awaitServed(String api, int mark) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(Marked.request(api)).body())
                                .isEqualTo(Marked.body(mark)));
    }
}
