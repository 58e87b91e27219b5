package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.snapshot.ClientFixture.Setup;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a node starts from after it has been killed. A kill is the disk as it was at that moment.
final class CrashLoopTest {
    @TempDir Path state;
    @TempDir Path killed;

    private Setup setup;
    private Versions versions;
    private SnapshotContent first;
    private SnapshotContent second;

    @BeforeEach
    void make() throws IOException {
        setup = Setup.in(state);
        versions = setup.versions();
        first = versions.of(1, Versions.text("a", "one"));
        second = versions.of(2, Versions.text("a", "two"));
    }

    @AfterEach
    void stop() {
        setup.controlPlane().close();
    }

    @Test
    void start_versionKilledTheNodeTwice_goesBackSaysSoAndRefusesIt() throws Exception {
        bringToAndKill(first, second);
        startAndKill();

        try (ClientFixture node = setup.client().start()) {
            assertThat(node.preparer.history()).containsExactly("prepare 1", "activate 1");
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            var hello = stream.hello();
            assertThat(hello.getVersion()).isEqualTo(1);
            assertThat(hello.getPoison()).isEqualTo(2);

            stream.offer(second);
            assertThat(stream.rejected(2).getProblems(0).getCode()).isEqualTo("POISON");
            // The way out is a newer version, and it leaves the one that works in its slot.
            stream.bringTo(null, versions.of(3, first.apis()));
        }
        assertThat(versionsOnDisk()).containsExactly(3L, 1L);
    }

    @Test
    void start_versionKilledTheNodeOnce_isUsedAgain() throws Exception {
        bringToAndKill(first, second);

        try (ClientFixture node = setup.client().loadFromDisk()) {
            assertThat(node.preparer.history()).containsExactly("prepare 2", "activate 2");
        }
    }

    @Test
    void start_killedWhilePreparingTwice_refusesThatVersion() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, first);
            assertThat(node.preparer.history()).hasSize(2);
        }
        for (int i = 0; i < 2; i++) {
            try (ClientFixture node = setup.client().start()) {
                node.preparer.gate(2);
                FakeControlPlane.Stream stream = setup.controlPlane().stream();
                stream.hello();
                stream.offer(second);
                node.awaitHistory("prepare 1", "activate 1", "prepare 2");
                kill();
            }
            afterTheKill();
        }
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            assertThat(stream.hello().getPoison()).isEqualTo(2);
            stream.offer(second);
            assertThat(stream.rejected(2).getProblems(0).getCode()).isEqualTo("POISON");
        }
    }

    @Test
    void start_nothingElseOnDisk_usesThePoisonousVersionAllTheSame() throws Exception {
        bringToAndKill(second);
        startAndKill();

        try (ClientFixture node = setup.client().start()) {
            assertThat(node.preparer.history()).containsExactly("prepare 2", "activate 2");
            var hello = setup.controlPlane().stream().hello();
            assertThat(hello.getVersion()).isEqualTo(2);
            assertThat(hello.getPoison()).isEqualTo(2);
        }
    }

    @Test
    void start_newerSlotCannotBeServed_usesTheOther() throws Exception {
        bringToAndKill(first, second);
        ClientFixture node = setup.client();
        node.preparer.fail(
                2,
                () -> {
                    throw new RejectedException("a", "ARTIFACT", "it is not on disk");
                });

        try (ClientFixture started = node.loadFromDisk()) {
            assertThat(started.preparer.history())
                    .containsExactly("prepare 2", "prepare 1", "activate 1");
        }
    }

    private void bringToAndKill(SnapshotContent... targets)
            throws IOException, InterruptedException {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            for (SnapshotContent target : targets) {
                stream.bringTo(null, target);
            }
            // The slot is written after the answer; a message that comes back is later still.
            stream.activate(99);
            stream.rejected(99);
            kill();
        }
        afterTheKill();
    }

    private void startAndKill() throws IOException, InterruptedException {
        try (ClientFixture _ = setup.client().loadFromDisk()) {
            kill();
        }
        afterTheKill();
    }

    /// Keeps the disk as it is.
    private void kill() throws IOException {
        copy(state, killed);
    }

    /// Undoes what stopping the client in good order has changed.
    private void afterTheKill() throws IOException {
        copy(killed, state);
    }

    private List<Long> versionsOnDisk() {
        return new SlotStore(state.resolve("snapshots"), versions.key().trusted())
                .load().stream().map(SnapshotContent::version).toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        Path source = from.resolve("snapshots");
        Path target = Files.createDirectories(to.resolve("snapshots"));
        try (DirectoryStream<Path> old = Files.newDirectoryStream(target)) {
            for (Path file : old) {
                Files.delete(file);
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(source)) {
            for (Path file : files) {
                Files.copy(
                        file,
                        target.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
