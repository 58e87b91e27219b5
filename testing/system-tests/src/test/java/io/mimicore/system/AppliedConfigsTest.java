package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Configs that are applied to a running program, beside a directory that it watches. The last test
/// starts it anew, so the order counts.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AppliedConfigsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        workspace.write("filed.json", Marked.plain("filed", 1));
        program = workspace.program().environment("MIMICORE_NODE_ID", "edge-1").start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    @Test
    @Order(1)
    void apply_editsUnderLoad_failNoRequest() {
        run(0, "apply", "-f", file("loaded", Marked.withCode("loaded", 1)), "--wait");
        try (Load load = Load.start(program.traffic(), Marked.request("loaded"), 2)) {
            eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, 1)).isTrue());

            Outcome edited =
                    run(0, "apply", "-f", file("loaded", Marked.withCode("loaded", 2)), "--wait");
            // What the answer says is so: the next response is the new one.
            assertServed("loaded", 2);
            assertThat(edited.out()).contains("apis/loaded is live since version ");
            assertThat(edited.err()).contains("edge-1: serves version ", "1 node serves version ");

            eventually(PATIENCE, () -> assertThat(Marked.hasSeen(load, 2)).isTrue());
            load.finish();
            Marked.requireWhole(load, List.of(1, 2));
        }
    }

    @Test
    @Order(2)
    void apply_aWrongFile_isToldAsValidateTellsItAndKeepsTheOld() {
        run(0, "apply", "-f", file("kept", Marked.plain("kept", 1)), "--wait");
        String wrong = file("kept", Marked.plain("kept", 2).replace("\"routes\"", "\"rotes\""));

        Outcome refused = run(1, "apply", "-f", wrong, "--wait");

        Outcome validated = workspace.command().run("validate", wrong);
        assertThat(validated.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("FIELD_UNKNOWN").isEqualTo(validated.out());
        assertServed("kept", 1);

        String code = Marked.withCode("kept", 2).replace("int64 { return", "int64 { retrun");
        JsonNode shown = json(run(1, "apply", "-f", file("kept", code), "-o", "json").out());
        assertThat(shown.path("errors").asInt()).isPositive();
        assertThat(shown.path("applied")).isEmpty();
        assertThat(shown.path("diagnostics").get(0).path("code").asString()).isEqualTo("GO_SOURCE");
        assertThat(shown.path("diagnostics").get(0).path("go_line").asInt()).isPositive();
        assertServed("kept", 1);
    }

    @Test
    @Order(3)
    void apply_toWhatADirectoryHas_takesBeingTold() {
        String file = file("filed", Marked.plain("filed", 2));
        Outcome refused = run(1, "apply", "-f", file);
        assertThat(refused.out()).contains("apis/filed belongs to the file ", "filed.json");
        assertServed("filed", 1);
        assertThat(run(1, "delete", "filed").err()).contains("belongs to the file");

        run(0, "apply", "-f", file, "--dry-run", "--take-over");
        assertServed("filed", 1);
        run(0, "apply", "-f", file, "--take-over", "--wait");
        assertServed("filed", 2);
        eventually(
                PATIENCE,
                () ->
                        assertThat(run(0, "get", "apis").out())
                                .contains("DUPLICATE: api: filed belongs to the admin API"));

        assertThat(run(0, "delete", "filed").out())
                .contains("belongs to", "filed.json from now on");
        eventually(PATIENCE, () -> assertServed("filed", 1));
        assertThat(run(0, "get", "apis").out()).doesNotContain("DUPLICATE");
    }

    @Test
    @Order(4)
    void delete_ofWhatWasApplied_isServedByNobody() {
        run(0, "apply", "-f", file("brief", Marked.plain("brief", 1)), "--wait");
        assertServed("brief", 1);

        run(0, "delete", "brief", "--wait");

        assertThat(program.send(Marked.request("brief")).status()).isEqualTo(404);
        assertThat(run(1, "delete", "brief").err()).contains("apis/brief: there is no such Api");
        run(0, "delete", "brief", "--allow-missing");
    }

    @Test
    @Order(5)
    void address_whereNobodyIs_isPassedOver() {
        Outcome outcome =
                workspace.command().run("get", "apis", "--admin", "127.0.0.1:1," + address());
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();

        Outcome nobody =
                workspace
                        .command()
                        .run(
                                "apply",
                                "-f",
                                file("x", Marked.plain("x", 1)),
                                "--admin",
                                "127.0.0.1:1");
        assertThat(nobody.exitCode()).isEqualTo(3);
        assertThat(workspace.command().run("apply").exitCode()).isEqualTo(2);
    }

    @Test
    @Order(9)
    void restart_keepsWhatWasApplied() {
        run(0, "apply", "-f", file("stays", Marked.withCode("stays", 3)), "--wait");
        String before = get("nodes").path("target_version").asString();
        assertThat(program.terminate()).isZero();

        program = workspace.program().environment("MIMICORE_NODE_ID", "edge-1").start();

        assertServed("stays", 3);
        assertServed("filed", 1);
        assertThat(get("nodes").path("target_version").asString()).isEqualTo(before);
        JsonNode apis = get("apis").path("apis");
        assertThat(apis)
                .anySatisfy(api -> {
                    assertThat(api.path("name").asString()).isEqualTo("apis/stays");
                    assertThat(api.path("source").asString()).isEqualTo("admin");
                });
    }

    private static void assertServed(String api, int mark) {
        assertThat(program.send(Marked.request(api)).body()).isEqualTo(Marked.body(mark));
    }

    private static String file(String api, String text) {
        Path file = root.resolve(api + ".json");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toString();
    }

    private static JsonNode get(String kind) {
        return json(run(0, "get", kind, "-o", "json").out());
    }

    private static Outcome run(int exitCode, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", address()));
        Outcome outcome = workspace.command().run(all.toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isEqualTo(exitCode);
        return outcome;
    }

    private static String address() {
        return "127.0.0.1:" + program.admin().getPort();
    }
}
