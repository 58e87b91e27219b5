package io.mimicore.system;

import static io.mimicore.system.Answers.json;
import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.MinioServer;
import io.mimicore.testkit.process.RawResponse;
import io.mimicore.testkit.process.RealEtcd;
import io.mimicore.testkit.process.SelfSigned;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    @Test
    void bucketOrCredentialsThatAreWrong_areRefusedWithWhatToDo() {
        List<String> absent = new ArrayList<>(List.of("compiler-worker"));
        absent.addAll(fleet.stores("absent"));
        absent.set(absent.indexOf("--s3-bucket") + 1, "absent");
        absent.addAll(List.of("--metrics-port", "0"));
        MimicoreCommand.Outcome noBucket = fleet.run(MinioServer.SECRET_KEY, absent);
        assertThat(noBucket.exitCode()).isEqualTo(1);
        assertThat(noBucket.err()).contains("'absent'", "no such bucket", "--s3-bucket");

        List<String> denied = new ArrayList<>(List.of("control-plane"));
        denied.addAll(fleet.stores("denied"));
        denied.addAll(List.of("--metrics-port", "0"));
        MimicoreCommand.Outcome wrongSecret = fleet.run("not-the-secret", denied);
        assertThat(wrongSecret.exitCode()).isEqualTo(1);
        assertThat(wrongSecret.err()).contains("403", "MINIO_SECRET_KEY");
    }

    @Test
    void allInOne_withEtcdAndS3_servesAsAClusterOfItsOwn() {
        Workspace own = Workspace.in(root.resolve("own"));
        own.write("solo.json", Marked.withCode("solo", 1));
        List<String> arguments =
                new ArrayList<>(List.of("up", "--configs", own.configs().toString()));
        arguments.addAll(fleet.stores("solo"));
        arguments.addAll(List.of("--cluster", "solo", "--state", own.state().toString()));
        arguments.addAll(List.of("--port", Fleet.freePort(), "--metrics-port", "0"));
        arguments.addAll(List.of("--stream-port", "0", "--admin-port", "0"));
        try (FleetMember solo = fleet.member("solo", arguments)) {
            solo.start();

            eventually(
                    Fleet.PATIENCE,
                    () ->
                            assertThat(solo.send(Marked.request("solo")).body())
                                    .isEqualTo(Marked.body(1)));
            assertThat(own.state().resolve("artifacts")).doesNotExist();
        }
    }

    @Test
    void controlPlaneWithTls_isFollowedByNodesWithACertificateAndByNoOther() {
        SelfSigned identity = SelfSigned.in(root.resolve("identity"));
        String certificate = identity.certificate().toString();
        List<String> tls = new ArrayList<>(List.of("--tls-cert", certificate));
        tls.addAll(List.of("--tls-key", identity.key().toString(), "--tls-ca", certificate));
        String streams = "127.0.0.1:" + Fleet.freePort();
        List<String> arguments = new ArrayList<>(List.of("control-plane"));
        arguments.addAll(fleet.stores("secured"));
        arguments.addAll(List.of("--stream-port", streams.substring(streams.indexOf(':') + 1)));
        arguments.addAll(List.of("--admin-port", Fleet.freePort(), "--metrics-port", "0"));
        arguments.addAll(tls);
        fleet.workspace().write("secured.json", Marked.plain("secured", 1));
        fleet.awaitServed("secured", 1);
        try (FleetMember controlPlane = fleet.member("secured", arguments);
                FleetMember bare = nodeOf("bare", "http://" + streams, List.of());
                FleetMember proved = nodeOf("proved", "https://" + streams, tls)) {
            bare.launch();
            proved.launch();
            controlPlane.start();

            proved.process().awaitReady();
            assertThat(proved.send(Marked.request("secured")).body()).isEqualTo(Marked.body(1));
            eventually(
                    Fleet.PATIENCE,
                    () -> assertThat(bare.process().err().text()).contains("no control plane"));
            assertThat(bare.send(Marked.request("secured")).status()).isEqualTo(503);
            MimicoreCommand.Outcome shown = fleet.admin(controlPlane, with(tls, "get", "nodes"));
            assertThat(shown.exitCode()).as(shown.err()).isZero();
            assertThat(shown.out()).contains("proved");
            MimicoreCommand.Outcome refused = fleet.admin(controlPlane, "get", "nodes");
            assertThat(refused.exitCode()).isEqualTo(3);
            assertThat(refused.err()).contains("is --admin right");
        }
    }

    private static String[] with(List<String> flags, String... command) {
        return Stream.concat(Stream.of(command), flags.stream()).toArray(String[]::new);
    }

    private FleetMember nodeOf(String name, String controlPlane, List<String> tls) {
        List<String> arguments =
                new ArrayList<>(List.of("data-plane", "--control-plane", controlPlane));
        arguments.addAll(List.of("--trusted-key", root.resolve("cluster.key") + ".pub"));
        arguments.addAll(List.of("--node-id", name, "--state", root.resolve(name).toString()));
        arguments.addAll(List.of("--port", Fleet.freePort(), "--metrics-port", "0"));
        arguments.addAll(tls);
        return fleet.member(name, arguments);
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
