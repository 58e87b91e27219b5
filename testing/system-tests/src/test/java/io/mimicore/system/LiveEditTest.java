package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Files are edited, broken, mended, added and removed while clients keep asking.
class LiveEditTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 4;

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        workspace.write("steady.json", Marked.plain("steady", 1));
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    void edit_savedInPlace_isServedWithoutAFailedRequest() {
        workspace.write("edited.json", Marked.plain("edited", 1));
        awaitServed("edited", 1);
        try (Load load = load("edited")) {
            for (int mark = 2; mark <= 6; mark++) {
                workspace.write("edited.json", Marked.plain("edited", mark));
                awaitSeen(load, mark);
            }
            load.finish();
            Marked.requireWhole(load, List.of(1, 2, 3, 4, 5, 6));
        }
    }

    @Test
    void edit_ofCode_isServedWhole() {
        workspace.write("coded.json", Marked.withCode("coded", 1));
        awaitServed("coded", 1);
        try (Load load = load("coded")) {
            workspace.write("coded.json", Marked.withCode("coded", 2));
            awaitSeen(load, 2);
            workspace.replace("coded.json", Marked.withCode("coded", 3));
            awaitSeen(load, 3);
            load.finish();
            Marked.requireWhole(load, List.of(1, 2, 3));
        }
    }

    @Test
    void edit_renamedOver_isServedWithoutAFailedRequest() {
        workspace.write("renamed.json", Marked.plain("renamed", 1));
        awaitServed("renamed", 1);
        try (Load load = load("renamed")) {
            workspace.replace("renamed.json", Marked.plain("renamed", 2));
            awaitSeen(load, 2);
            load.finish();
            Marked.requireWhole(load, List.of(1, 2));
        }
    }

    @Test
    void edit_wrong_leavesTheLiveVersionAndIsReportedUntilMended() {
        workspace.write("broken.json", Marked.plain("broken", 1));
        awaitServed("broken", 1);
        String file = workspace.config("broken.json").toString();
        try (Load load = load("broken")) {
            workspace.write(
                    "broken.json", Marked.plain("broken", 2).replace("\"method\"", "\"metod\""));
            assertThat(program.err().awaitText(file + ": not served", PATIENCE)).isPresent();
            assertThat(program.err().text())
                    .containsPattern("broken\\.json:\\d+:\\d+: error FIELD_UNKNOWN: metod")
                    .contains("did you mean method?");
            JsonNode api = api("broken");
            assertThat(api.path("live_version").asLong()).isPositive();
            assertThat(api.path("problems").values())
                    .extracting(problem -> problem.path("code").asString())
                    .containsExactlyInAnyOrder("FIELD_MISSING", "FIELD_UNKNOWN");
            assertThat(api.path("problems").values())
                    .allMatch(problem -> problem.path("line").asInt() > 1);
            assertThat(Marked.hasSeen(load, 2)).isFalse();

            workspace.write("broken.json", "{ not json");
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(program.err().text())
                                    .containsPattern("broken\\.json:1:3: error JSON_SYNTAX"));
            workspace.write("broken.json", Marked.plain("broken", 3));
            awaitSeen(load, 3);
            assertThat(program.err().awaitText(file + ": all problems are gone", PATIENCE))
                    .isPresent();
            assertThat(api("broken").path("problems")).isEmpty();
            load.finish();
            Marked.requireWhole(load, List.of(1, 3));
        }
    }

    @Test
    void edit_goThatDoesNotCompile_leavesTheLiveVersion() {
        workspace.write("miscompiled.json", Marked.withCode("miscompiled", 1));
        awaitServed("miscompiled", 1);
        try (Load load = load("miscompiled")) {
            workspace.write(
                    "miscompiled.json",
                    Marked.withCode("miscompiled", 2).replace("2 + x", "2 + nowhere"));
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(program.err().text())
                                    .containsPattern(
                                            "miscompiled\\.json:\\d+:\\d+: error GO_SOURCE: undefined: nowhere")
                                    .contains("inline_source line 4:"));
            workspace.write("miscompiled.json", Marked.withCode("miscompiled", 3));
            awaitSeen(load, 3);
            load.finish();
            Marked.requireWhole(load, List.of(1, 3));
        }
    }

    @Test
    void file_addedAndDeleted_comesAndGoesWhileOthersServe() {
        try (Load load = load("steady")) {
            workspace.write("passing.json", Marked.plain("passing", 1));
            awaitServed("passing", 1);
            try (Load passing = load("passing")) {
                eventually(PATIENCE, () -> assertThat(passing.count()).isGreaterThan(50));
                workspace.delete("passing.json");
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(passing.samples().keySet())
                                        .anyMatch(sample -> sample.status() == 404));
                passing.finish();
                assertThat(passing.failures()).isEmpty();
                assertThat(passing.samples().keySet())
                        .allMatch(sample -> sample.status() == 200 || sample.status() == 404);
            }
            load.finish();
            Marked.requireWhole(load, List.of(1));
        }
    }

    @Test
    void file_renamedWithItsApi_isServedAllTheTime() throws IOException {
        workspace.write("before.json", Marked.plain("moved", 1));
        awaitServed("moved", 1);
        try (Load load = load("moved")) {
            Files.move(workspace.config("before.json"), workspace.config("after.json"));
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(api("moved").path("file_name").asString())
                                    .endsWith("after.json"));
            load.finish();
            Marked.requireWhole(load, List.of(1));
        }
    }

    @Test
    void editorFiles_besideConfigs_areNoConfigs() throws IOException {
        workspace.write(".ghost.json.swp", "b0VIM");
        workspace.write("ghost.json~", Marked.plain("ghost", 1));
        workspace.write("4913", "");
        workspace.write("#ghost.json#", Marked.plain("ghost", 1));
        workspace.write(".ghost.json", Marked.plain("ghost", 1));
        workspace.write("ghost.json.tmp", "{");
        Files.createSymbolicLink(workspace.config(".#ghost.json"), Path.of("nobody@nowhere.1"));
        Files.createDirectory(workspace.config("ghost.d"));
        // What was written before is seen no later than what is written after.
        workspace.write("fence.json", Marked.plain("fence", 1));
        awaitServed("fence", 1);

        assertThat(program.send(Marked.request("ghost")).status()).isEqualTo(404);
        assertThat(program.err().count("ghost")).isZero();
    }

    @Test
    void metrics_wrongFile_countsTheProblem() {
        workspace.write("counted.json", "[{}]");
        eventually(
                PATIENCE,
                () ->
                        assertThat(metrics())
                                .containsPattern(
                                        "mimicore_config_problems\\{source=\"dir:[^\"]*\"} [1-9]"));
        workspace.delete("counted.json");
    }

    private static String metrics() {
        try (RawConnection connection = RawConnection.open(program.metrics())) {
            return connection.send(RawRequest.get("localhost", "/metrics")).body();
        }
    }

    private static Load load(String api) {
        return Load.start(program.traffic(), Marked.request(api), CONNECTIONS);
    }

    private static void awaitServed(String api, int mark) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(Marked.request(api)).body())
                                .isEqualTo(Marked.body(mark)));
    }

    private static void awaitSeen(Load load, int mark) {
        eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, mark)).isTrue());
    }

    private static JsonNode api(String name) {
        Outcome outcome =
                workspace.command().run("get", "apis", "-o", "json", "--admin", address());
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        return StreamSupport.stream(json(outcome.out()).path("apis").spliterator(), false)
                .filter(api -> api.path("name").asString().equals("apis/" + name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + ": not in " + outcome.out()));
    }

    private static String address() {
        return "127.0.0.1:" + program.admin().getPort();
    }
}
