package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Code that did not change is never built again, whatever else does.
class UnchangedCodeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;

    @Test
    void code_unchanged_isBuiltOnceThroughEditsRenamesAndRestarts() throws IOException {
        Workspace workspace = Workspace.in(root);
        GoShim go = GoShim.in(root.resolve("bin"));
        workspace.write("coded.json", coded("first", ""));
        workspace.write("other.json", Marked.plain("other", 1));
        try (MimicoreProcess program = start(workspace, go)) {
            awaitServed(program, "first");
            assertThat(go.calls()).contains("build");
            go.forget();

            workspace.replace("coded.json", coded("second", ""));
            awaitServed(program, "second");
            Files.move(workspace.config("coded.json"), workspace.config("renamed.json"));
            workspace.replace("other.json", Marked.plain("other", 2));
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(program.send(Marked.request("other")).body())
                                    .isEqualTo(Marked.body(2)));
            workspace.replace("renamed.json", coded("third", ""));
            awaitServed(program, "third");
            // The same program for another API.
            workspace.write("twin.json", coded("third", "").replace("\"coded\"", "\"twin\""));
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(program.send(RawRequest.get("twin.localhost", "/v")).body())
                                    .contains("third"));
            assertThat(program.terminate()).isZero();
        }
        try (MimicoreProcess again = start(workspace, go)) {
            awaitServed(again, "third");
            assertThat(go.calls()).doesNotContain("build");

            // And what is counted here is builds: another program is one.
            workspace.replace("renamed.json", coded("fourth", "// other\n"));
            awaitServed(again, "fourth");
            assertThat(go.calls()).containsOnlyOnce("build");
        }
    }

    private static void awaitServed(MimicoreProcess program, String word) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(RawRequest.get("coded.localhost", "/v")).body())
                                .isEqualTo("{\"word\":\"" + word + "\",\"v\":\"42\"}"));
    }

    private static String coded(String word, String comment) {
        return ApiText.of("coded")
                .code(comment + "//export double\nfunc double(x int32) int32 { return 2 * x }\n")
                .get("/v", "{\"word\":\"" + word + "\",\"v\":\"{{double(21)}}\"}")
                .text();
    }

    private static MimicoreProcess start(Workspace workspace, GoShim go) {
        return workspace.program().environment("PATH", go.path()).environment("GOROOT", "").start();
    }
}
