package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreCommand.Outcome;
import io.mimicore.testkit.process.MimicoreProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What `mimicore get` and `mimicore diff` show of a running program.
class AdminCommandsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private static Path root;
    private static Workspace workspace;
    private static MimicoreProcess program;

    /// A version that has `stays` and `goes`.
    private static String before;

    /// After that version `stays` changes, `goes` goes and `comes` comes.
    @BeforeAll
    static void start() {
        workspace = Workspace.in(root);
        workspace.write("stays.json", Marked.withCode("stays", 1));
        workspace.write("goes.json", Marked.plain("goes", 1));
        program = workspace.program().environment("MIMICORE_NODE_ID", "edge-1").start();
        awaitServed("stays", 1);
        awaitServed("goes", 1);
        before = get("nodes").path("target_version").asString();
        workspace.write("stays.json", Marked.withCode("stays", 2));
        awaitServed("stays", 2);
        workspace.delete("goes.json");
        workspace.write("comes.json", Marked.plain("comes", 3));
        awaitServed("comes", 3);
        eventually(
                PATIENCE,
                () -> assertThat(program.send(Marked.request("goes")).status()).isEqualTo(404));
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static void awaitServed(String api, int mark) {
        eventually(
                PATIENCE,
                () ->
                        assertThat(program.send(Marked.request(api)).body())
                                .isEqualTo(Marked.body(mark)));
    }

    @Test
    void getVersions_afterEdits_listsThemNewestFirst() {
        JsonNode versions = get("versions").path("versions");

        List<Long> numbers = new ArrayList<>();
        versions.forEach(version -> numbers.add(version.path("version").asLong()));
        assertThat(numbers).hasSizeGreaterThanOrEqualTo(3);
        assertThat(numbers).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(versions.get(0).path("target").asBoolean()).isTrue();
        assertThat(versions.get(1).path("target").asBoolean()).isFalse();
        assertThat(versions.get(0).path("apis").asInt()).isEqualTo(2);
        assertThat(versions.get(0).path("parent").asLong()).isEqualTo(numbers.get(1));
        assertThat(versions.get(0).path("root").asString()).matches("[0-9a-f]{64}");
        assertThat(versions.get(0).path("publish_time").asString()).startsWith("20").endsWith("Z");
    }

    @Test
    void getNodes_ofTheNode_tellsWhatItServes() {
        JsonNode fleet = get("nodes");
        long target = fleet.path("target_version").asLong();
        JsonNode node = fleet.path("nodes").get(0);

        assertThat(target).isPositive();
        assertThat(fleet.path("nodes")).hasSize(1);
        assertThat(node.path("name").asString()).isEqualTo("nodes/edge-1");
        assertThat(node.path("state").asString()).isEqualTo("in_sync");
        assertThat(node.path("version").asLong()).isEqualTo(target);
        assertThat(run("get", "nodes").out()).contains("edge-1", "in_sync");
    }

    @Test
    void getBuilds_afterTwoSources_showsBothAndTheWorker() {
        JsonNode shown = get("builds");

        assertThat(shown.path("builds")).hasSize(2);
        shown.path("builds")
                .forEach(build -> {
                    assertThat(build.path("state").asString()).isEqualTo("done");
                    assertThat(build.path("toolchain").asString()).isEqualTo("go");
                    assertThat(build.path("artifact_digest").asString()).matches("[0-9a-f]{64}");
                    assertThat(build.path("artifact_bytes").asLong()).isPositive();
                });
        assertThat(shown.path("workers")).hasSize(1);
        assertThat(run("get", "builds").out()).contains("done", "go ", "worker worker-edge-1: ");
    }

    @Test
    void diff_fromTheFirstVersion_tellsWhatCameWentAndChanged() {
        JsonNode diff = json(run("diff", before, "-o", "json").out());

        List<String> changes = new ArrayList<>();
        diff.path("changes")
                .forEach(change ->
                        changes.add(
                                change.path("kind").asString()
                                        + " "
                                        + change.path("api").asString()
                                        + " "
                                        + change.path("code_changed").asBoolean()));
        assertThat(changes)
                .containsExactly(
                        "added apis/comes false",
                        "removed apis/goes true",
                        "changed apis/stays true");
        assertThat(run("diff", before).out().lines())
                .containsExactly("+ comes", "- goes", "~ stays (its code too)");
        String name = "versions/" + before;
        assertThat(run("diff", before, before).out())
                .contains(name + " and " + name + " are the same");
    }

    @Test
    void diff_versionThatIsNotThere_isRefusedByName() {
        Outcome outcome = workspace.command().run("diff", before, "4711", "--admin", address());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("versions/4711: there is no such Version");
    }

    @Test
    void get_unknownKind_isWrongUsage() {
        Outcome outcome = workspace.command().run("get", "nothing", "--admin", address());

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("apis, versions, nodes, builds");
    }

    private static JsonNode get(String kind) {
        return json(run("get", kind, "-o", "json").out());
    }

    private static Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", address()));
        Outcome outcome = workspace.command().run(all.toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        return outcome;
    }

    private static String address() {
        return "127.0.0.1:" + program.admin().getPort();
    }
}
