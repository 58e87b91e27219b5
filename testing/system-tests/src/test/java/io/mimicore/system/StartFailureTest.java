package io.mimicore.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A program that cannot start says what to do, and a file that cannot be read harms no other.
class StartFailureTest {
    @TempDir private Path root;
    private Workspace workspace;

    @BeforeEach
    void prepare() {
        workspace = Workspace.in(root);
        workspace.write("mine.json", Marked.plain("mine", 1));
    }

    @Test
    void up_stateDirectoryInUse_isRefusedAndTheFirstServesOn() {
        try (MimicoreProcess first = workspace.program().start()) {
            Outcome second = up(List.of());

            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.err())
                    .contains(workspace.state().toString(), "in use by another", "--state");
            assertNoStackTrace(second);
            assertThat(first.send(Marked.request("mine")).body()).isEqualTo(Marked.body(1));
        }
    }

    @Test
    void up_portInUse_isRefusedWithTheFlag() throws IOException {
        try (var taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            for (String flag :
                    List.of("--port", "--metrics-port", "--stream-port", "--admin-port")) {
                Outcome outcome = up(List.of(flag, port));

                assertThat(outcome.exitCode()).as(flag).isEqualTo(1);
                assertThat(outcome.err()).contains("port " + port, "choose another with " + flag);
                assertThat(outcome.out()).doesNotContain("mimicore ready");
                assertNoStackTrace(outcome);
            }
        }
    }

    @Test
    void up_noConfigDirectory_isRefused() {
        Path missing = root.resolve("nowhere");
        Outcome outcome = up(List.of("--configs", missing.toString()));

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains(missing.toString(), "no such directory");
        assertNoStackTrace(outcome);
    }

    @Test
    void up_stateThatIsNoDirectory_isRefused() throws IOException {
        Files.writeString(workspace.state(), "a file");
        Outcome outcome = up(List.of());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains(
                        "cannot write the state directory",
                        workspace.state().toString(),
                        "--state");
        assertNoStackTrace(outcome);
    }

    @Test
    void up_damagedKey_isRefused() throws IOException {
        Files.createDirectories(workspace.state());
        Files.writeString(workspace.state().resolve("cluster.key"), "no key", US_ASCII);
        Outcome outcome = up(List.of());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("cluster.key", "damaged");
        assertNoStackTrace(outcome);
    }

    @Test
    void up_wrongFlag_isWrongUsage() {
        assertThat(up(List.of("--port", "many")).exitCode()).isEqualTo(2);
        assertThat(up(List.of("--prot", "1")).exitCode()).isEqualTo(2);
    }

    @Test
    void up_fileThatCannotBeRead_isReportedWhileOthersServe() throws IOException {
        // A link to itself cannot be read by anyone, whatever their rights.
        Files.createSymbolicLink(workspace.config("loop.json"), Path.of("loop.json"));
        workspace.write("large.json", " ".repeat((4 << 20) + 1));
        Files.write(workspace.config("binary.json"), new byte[] {'{', (byte) 0xff, (byte) 0xfe});
        try (MimicoreProcess program = workspace.program().start()) {
            assertThat(program.send(Marked.request("mine")).body()).isEqualTo(Marked.body(1));
            assertThat(program.err().text())
                    .contains(
                            workspace.config("loop.json") + ":1:1: error FILE_UNREADABLE: ",
                            workspace.config("large.json") + ":1:1: error FILE_TOO_LARGE: ")
                    .containsPattern("binary\\.json:1:\\d+: error FILE_ENCODING: ");
        }
    }

    @Test
    void up_emptyDirectory_isReadyAndServesWhatComes() {
        workspace.delete("mine.json");
        try (MimicoreProcess program = workspace.program().start()) {
            assertThat(program.send(RawRequest.get("mine.localhost", "/m")).status())
                    .isEqualTo(404);
        }
    }

    @Test
    void up_upstreamCaThatHoldsNone_isRefused() throws IOException {
        Path none = Files.writeString(root.resolve("none.pem"), "nothing");

        Outcome empty = up(List.of("--upstream-ca", none.toString()));
        Outcome missing = up(List.of("--upstream-ca", root.resolve("gone.pem").toString()));

        assertThat(empty.exitCode()).isEqualTo(1);
        assertThat(empty.err()).contains("--upstream-ca", "none.pem", "PEM");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("--upstream-ca", "gone.pem");
        assertNoStackTrace(empty);
        assertNoStackTrace(missing);
    }

    @Test
    void up_trustedProxyThatIsNoNetwork_isWrongUsage() {
        Outcome outcome = up(List.of("--trusted-proxies", "10.0.0.0/8,proxy.example"));

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("--trusted-proxies", "proxy.example", "10.0.0.0/8");
        assertNoStackTrace(outcome);
    }

    private Outcome up(List<String> more) {
        List<String> arguments =
                new ArrayList<>(List.of("up", "--state", workspace.state().toString()));
        if (!more.contains("--configs")) {
            arguments.addAll(List.of("--configs", workspace.configs().toString()));
        }
        for (String flag : List.of("--port", "--metrics-port", "--stream-port", "--admin-port")) {
            if (!more.contains(flag)) {
                arguments.addAll(List.of(flag, "0"));
            }
        }
        arguments.addAll(more);
        return workspace.command().run(arguments.toArray(String[]::new));
    }

    private static void assertNoStackTrace(Outcome outcome) {
        assertThat(outcome.err()).doesNotContain("\tat ", "Exception in thread");
    }
}
