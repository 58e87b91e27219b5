package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.RawResponse;
import io.mimicore.testkit.process.RealEtcd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The roles as processes of their own, with a real etcd and a real MinIO. One fleet serves all
/// tests: each leaves it whole.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FleetTest {
    private Path root;
    private Fleet fleet;

    @BeforeAll
    void startFleet(@TempDir Path directory) {
        root = directory;
        fleet = Fleet.start(root, new Fleet.Size(1, 2, 2, 2));
    }

    @AfterAll
    void stopFleet() {
        fleet.close();
    }

    @Test
    void fileWithCode_inTheDirectory_isBuiltOnceAndServedByEveryNode() {
        long before = fleet.artifacts();
        fleet.workspace().write("coded.json", Marked.withCode("coded", 1));

        fleet.awaitServed("coded", 1);

        assertThat(fleet.artifacts() - before).isEqualTo(1);
        for (FleetMember controlPlane : fleet.controlPlanes()) {
            MimicoreCommand.Outcome versions = fleet.admin(controlPlane, "get", "versions");
            assertThat(versions.exitCode()).as(versions.err()).isZero();
            assertThat(versions.out()).contains("coded");
            assertThat(controlPlane.operations("/readyz").status()).isEqualTo(200);
        }
        assertThat(fleet.workers())
                .allSatisfy(
                        worker -> assertThat(worker.operations("/readyz").status()).isEqualTo(200));
    }

    @Test
    void leaderKilled_anotherPublishesTheNextEditAndNoRequestFails() {
        fleet.workspace().write("led.json", Marked.plain("led", 1));
        fleet.awaitServed("led", 1);
        List<Load> loads =
                fleet.nodes().stream()
                        .map(node -> Load.start(node.traffic(), Marked.request("led"), 1))
                        .toList();
        try {
            FleetMember leader = fleet.leader();
            leader.kill();
            fleet.workspace().replace("led.json", Marked.plain("led", 2));
            fleet.awaitServed("led", 2);
            assertThat(fleet.leader()).isNotEqualTo(leader);
            leader.start();
            loads.forEach(Load::finish);
            loads.forEach(load -> Marked.requireWhole(load, List.of(1, 2)));
        } finally {
            loads.forEach(Load::close);
        }
    }

    @Test
    void nodeRestarted_withEverythingElseDead_isReadyAndAnswersTheSame() throws Exception {
        fleet.workspace().write("alone.json", Marked.withCode("alone", 1));
        fleet.awaitServed("alone", 1);
        FleetMember node = fleet.nodes().getFirst();
        RawResponse before = node.send(Marked.request("alone"));
        // A version is on the node's disk soon after it has served.
        assertThat(node.terminate()).isZero();
        killAllButNodes();

        node.start();

        RawResponse after = node.send(Marked.request("alone"));
        assertThat(after.body()).isEqualTo(before.body());
        assertThat(after.version()).isEqualTo(before.version());
        assertThat(node.operations("/readyz").status()).isEqualTo(200);
        startAllButNodes();
        fleet.workspace().replace("alone.json", Marked.withCode("alone", 2));
        fleet.awaitServed("alone", 2);
    }

    @Test
    void nodeThatTrustsAnotherKey_refusesEveryVersionAndSaysWhy() {
        fleet.workspace().write("signed.json", Marked.plain("signed", 1));
        fleet.awaitServed("signed", 1);
        Path foreignKey = root.resolve("foreign.key");
        fleet.makeKey(foreignKey);
        try (FleetMember foreign = fleet.node("foreign", foreignKey)) {
            foreign.launch();

            eventually(
                    Fleet.PATIENCE,
                    () -> {
                        MimicoreCommand.Outcome nodes = fleet.admin(fleet.leader(), "get", "nodes");
                        assertThat(nodes.out())
                                .contains("foreign")
                                .containsIgnoringCase("signature");
                    });
            assertThat(foreign.send(Marked.request("signed")).status()).isEqualTo(503);
            assertThat(foreign.process().err().text()).containsIgnoringCase("signature");
        }
    }

    @Test
    void nodeOfAnotherCluster_isToldBothNamesAndTheFleetServesOn() {
        fleet.workspace().write("ours.json", Marked.plain("ours", 1));
        fleet.awaitServed("ours", 1);
        Path key = root.resolve("cluster.key");
        try (FleetMember stranger = fleet.node("stranger", key, "--cluster", "theirs")) {
            stranger.launch();

            eventually(
                    Fleet.PATIENCE,
                    () ->
                            assertThat(stranger.process().err().text())
                                    .contains(
                                            "the node is of \"theirs\", this control plane of"
                                                    + " \"default\""));
            assertThat(stranger.send(Marked.request("ours")).status()).isEqualTo(503);
            for (FleetMember controlPlane : fleet.controlPlanes()) {
                assertThat(fleet.admin(controlPlane, "get", "nodes").out())
                        .doesNotContain("stranger");
            }
            fleet.awaitServed("ours", 1);
        }
    }

    @Test
    void nodes_connectedToAnyControlPlane_areShownByEach() {
        fleet.workspace().write("shown.json", Marked.plain("shown", 1));
        fleet.awaitServed("shown", 1);

        for (FleetMember controlPlane : fleet.controlPlanes()) {
            eventually(
                    Fleet.PATIENCE,
                    () -> {
                        JsonNode shown = nodesSeenBy(controlPlane);
                        for (FleetMember member : fleet.nodes()) {
                            JsonNode node = named(shown, member.name());
                            assertThat(node.path("state").asString()).isEqualTo("in_sync");
                            assertThat(node.path("version"))
                                    .isEqualTo(shown.path("target_version"));
                            assertThat(node.path("control_plane").asString())
                                    .isIn(
                                            fleet.controlPlanes().stream()
                                                    .map(FleetMember::admin)
                                                    .toList());
                        }
                    });
        }
    }

    @Test
    void drain_askedOfAnyControlPlane_takesTheNodeOutAndBack() {
        fleet.workspace().write("drained.json", Marked.plain("drained", 1));
        fleet.awaitServed("drained", 1);
        FleetMember node = fleet.nodes().getLast();
        for (FleetMember controlPlane : fleet.controlPlanes()) {
            MimicoreCommand.Outcome drained =
                    fleet.admin(controlPlane, "drain", node.name(), "--wait");
            assertThat(drained.exitCode()).as(drained.err()).isZero();
            assertThat(node.operations("/readyz").status()).isEqualTo(503);
            assertThat(node.send(Marked.request("drained")).status()).isEqualTo(200);

            MimicoreCommand.Outcome undone =
                    fleet.admin(controlPlane, "drain", "--undo", node.name(), "--wait");
            assertThat(undone.exitCode()).as(undone.err()).isZero();
            assertThat(node.operations("/readyz").status()).isEqualTo(200);
        }
    }

    private JsonNode nodesSeenBy(FleetMember controlPlane) {
        MimicoreCommand.Outcome shown = fleet.admin(controlPlane, "get", "nodes", "-o", "json");
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        return json(shown.out());
    }

    private static JsonNode named(JsonNode shown, String node) {
        for (JsonNode listed : shown.path("nodes")) {
            if (listed.path("name").asString().equals("nodes/" + node)) {
                return listed;
            }
        }
        throw new AssertionError("nodes: " + shown + " (expected: " + node + " among them)");
    }

    private void killAllButNodes() throws InterruptedException {
        fleet.controlPlanes().forEach(FleetMember::kill);
        fleet.workers().forEach(FleetMember::kill);
        fleet.minio().kill();
        fleet.etcd().forEach(RealEtcd::kill);
    }

    private void startAllButNodes() throws IOException {
        fleet.controlPlanes().forEach(FleetMember::launch);
        fleet.workers().forEach(FleetMember::launch);
        fleet.etcd().forEach(RealEtcd::start);
        fleet.minio().start();
        fleet.controlPlanes().forEach(member -> member.process().awaitReady());
        fleet.workers().forEach(member -> member.process().awaitReady());
    }
}
