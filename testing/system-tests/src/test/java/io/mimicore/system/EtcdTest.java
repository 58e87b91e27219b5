package io.mimicore.system;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.ByteServer;
import io.mimicore.testkit.process.Load;
import io.mimicore.testkit.process.MimicoreCommand;
import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawConnection;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import io.mimicore.testkit.process.RealEtcd;
import io.mimicore.testkit.process.SelfSigned;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program with its metadata in a real etcd, which is killed, restored, or not there at all.
class EtcdTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;
    private Workspace workspace;
    private RealEtcd etcd;
    private InetSocketAddress traffic;

    @BeforeEach
    void startEtcd() {
        workspace = Workspace.in(root);
        etcd = RealEtcd.start(root.resolve("etcd"));
        traffic = new InetSocketAddress(InetAddress.getLoopbackAddress(), ByteServer.freePort());
    }

    @AfterEach
    void stopEtcd() {
        etcd.close();
    }

    @Test
    void etcdDownForLongerThanTheLeadership_costsNoRequestAndPublishingResumes() {
        workspace.write("api.json", Marked.plain("api", 1));
        try (MimicoreProcess program = start()) {
            edit(2);
            awaitServed(2);
            try (Load load = Load.start(traffic, Marked.request("api"), 2)) {
                etcd.kill();
                // The role is given up by this process's own clock: etcd tells it nothing.
                eventually(
                        PATIENCE,
                        () -> assertThat(program.err().text()).contains("leadership lost"));
                edit(3);
                long before = load.count();
                eventually(PATIENCE, () -> assertThat(load.count()).isGreaterThan(before + 100));
                assertThat(load.samples().keySet())
                        .extracting(Load.Sample::body)
                        .containsOnly(Marked.body(2));
                etcd.start();
                awaitServed(3);
                load.finish();
                assertThat(load.failures()).isEmpty();
                assertThat(load.samples().keySet())
                        .allSatisfy(sample -> assertThat(sample.status()).isEqualTo(200));
            }
        }
    }

    @Test
    void programAndEtcdKilled_restartWithoutEtcdServesFromDiskAndPublishesOnceItIsThere() {
        workspace.write("api.json", Marked.plain("api", 1));
        long version;
        try (MimicoreProcess first = start()) {
            version = served().version();
            first.kill();
        }
        // The old leadership still has its lease: it has to run out first.
        try (MimicoreProcess second = start()) {
            assertThat(served().version()).isEqualTo(version);
            edit(2);
            awaitServed(2);
            etcd.kill();
            second.kill();
        }
        edit(3);
        try (MimicoreProcess third = program().launch()) {
            // A version is on the node's disk soon after it has served; this one was killed at
            // once.
            eventually(
                    PATIENCE,
                    () -> assertThat(served().body()).isIn(Marked.body(1), Marked.body(2)));
            eventually(
                    PATIENCE,
                    () ->
                            assertThat(third.err().text())
                                    .contains("waiting for the metadata store"));
            assertThat(third.out().text()).isEmpty();
            etcd.start();
            third.awaitReady();
            awaitServed(3);
            assertThat(served().version()).isGreaterThan(version + 1);
        }
    }

    /// What the restored etcd knows ends before what the node serves.
    @Test
    void etcdRestoredFromABackup_isReportedAndTheNextVersionsAreAboveTheOldOnes() {
        workspace.write("api.json", Marked.plain("api", 1));
        try (MimicoreProcess program = start()) {
            etcd.kill();
            Path backup = root.resolve("backup");
            etcd.backUp(backup);
            etcd.start();
            for (int mark = 2; mark < 6; mark++) {
                edit(mark);
                awaitServed(mark);
            }
            long version = served().version();
            etcd.kill();
            etcd.restore(backup);
            etcd.start();

            eventually(
                    PATIENCE,
                    () -> assertThat(program.err().text()).contains("etcd has another history"));
            // Without an edit: what the files say is published again.
            eventually(PATIENCE, () -> assertThat(served().version()).isGreaterThan(version));
            assertThat(served().body()).isEqualTo(Marked.body(5));
            edit(7);
            awaitServed(7);
        }
    }

    @Test
    void etcdWithTls_isSpokenToWithACertificateAndByNobodyWithout() {
        workspace.write("api.json", Marked.plain("api", 1));
        SelfSigned identity = SelfSigned.in(root.resolve("identity"));
        SelfSigned foreign = SelfSigned.in(root.resolve("foreign"));
        try (RealEtcd secured = RealEtcd.startWithTls(root.resolve("secured"), identity)) {
            MimicoreProcess.Builder program =
                    workspace.program().etcd("https://" + secured.endpoint());
            try (MimicoreProcess refused = program.tls(foreign).launch()) {
                eventually(
                        PATIENCE,
                        () ->
                                assertThat(refused.err().text())
                                        .contains("waiting for the metadata store"));
                assertThat(refused.terminate()).isZero();
            }
            try (MimicoreProcess trusted =
                    workspace
                            .program()
                            .etcd("https://" + secured.endpoint())
                            .tls(identity)
                            .start()) {
                assertThat(trusted.send(Marked.request("api")).body()).isEqualTo(Marked.body(1));
            }
        }
    }

    @Test
    void flagsThatContradictEachOther_areRefusedWithTheirNames() {
        MimicoreCommand command = MimicoreCommand.in(root);
        String configs = workspace.configs().toString();
        String state = workspace.state().toString();
        MimicoreCommand.Outcome noPort =
                command.run("up", "--configs", configs, "--state", state, "--etcd", "localhost");
        assertThat(noPort.exitCode()).isEqualTo(2);
        assertThat(noPort.err()).contains("--etcd localhost").contains("host:port");

        MimicoreCommand.Outcome mixed =
                command.run(
                        "up",
                        "--configs",
                        configs,
                        "--state",
                        state,
                        "--port",
                        "0",
                        "--metrics-port",
                        "0",
                        "--etcd",
                        "http://127.0.0.1:1",
                        "--tls-ca",
                        "ca.pem");
        assertThat(mixed.exitCode()).isEqualTo(2);
        assertThat(mixed.err()).contains("--tls-").contains("https://");
    }

    private MimicoreProcess.Builder program() {
        return workspace.program().etcd(etcd.endpoint()).port(traffic.getPort());
    }

    private MimicoreProcess start() {
        return program().start();
    }

    private void edit(int mark) {
        workspace.replace("api.json", Marked.plain("api", mark));
    }

    private RawResponse served() {
        RawRequest request = Marked.request("api");
        try (RawConnection connection = RawConnection.open(traffic)) {
            return connection.send(request);
        }
    }

    private void awaitServed(int mark) {
        eventually(PATIENCE, () -> assertThat(served().body()).isEqualTo(Marked.body(mark)));
    }
}
