package io.mimicore.dataplane.snapshot;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.mimicore.dataplane.snapshot.ClientFixture.Setup;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ControlMessage;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.proto.snapshot.v1.Problem;
import io.mimicore.proto.snapshot.v1.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client does with what it is offered; see [SnapshotStreamTest] for streams that come and
/// go.
final class SnapshotClientTest {
    @TempDir Path state;

    private Setup setup;
    private Versions versions;
    private SnapshotContent first;
    private SnapshotContent second;
    private SnapshotContent third;

    @BeforeEach
    void make() throws IOException {
        setup = Setup.in(state);
        versions = setup.versions();
        first = versions.of(1, Versions.text("a", "one"));
        second = versions.of(2, Versions.text("a", "two"), Versions.text("b", "two"));
        third = versions.of(3, Versions.text("b", "three"));
    }

    @AfterEach
    void stop() {
        setup.controlPlane().close();
    }

    @Test
    void follow_newNode_saysThatItHasNothing() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            Hello hello = setup.controlPlane().stream().hello();

            assertThat(hello.getNode()).isEqualTo("n1");
            assertThat(hello.getLabels(0).getName()).isEqualTo("zone");
            assertThat(hello.getVersion()).isZero();
            assertThat(hello.getRoot().isEmpty()).isTrue();
            assertThat(hello.getPoison()).isZero();
            assertThat(node.client().isConfirmed()).isFalse();
        }
    }

    @Test
    void offer_thenActivate_servesAndIsKeptForTheNextStart() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, first);
            stream.bringTo(first, second);

            assertThat(node.preparer.history())
                    .containsExactly("prepare 1", "activate 1", "prepare 2", "activate 2");
            assertThat(node.client().isConfirmed()).isTrue();
            assertThat(node.appliedNanos).hasSize(2).allMatch(nanos -> nanos >= 0);
        }
        try (ClientFixture node = setup.client().start()) {
            assertThat(node.preparer.history()).containsExactly("prepare 2", "activate 2");
            Hello hello = setup.controlPlane().stream().hello();
            assertThat(hello.getVersion()).isEqualTo(2);
            assertThat(hello.getRoot()).isEqualTo(Versions.bytes(second.root()));
        }
    }

    @Test
    void offer_notActivatedYet_isNotOnDisk() throws Exception {
        ClientFixture node = setup.client().start();
        FakeControlPlane.Stream stream = setup.controlPlane().stream();
        stream.hello();
        stream.offer(first);
        stream.prepared(1);
        node.close();

        assertThat(node.preparer.history()).containsExactly("prepare 1", "discard 1");
        try (ClientFixture restarted = setup.client().loadFromDisk()) {
            assertThat(restarted.preparer.history()).isEmpty();
        }
    }

    @Test
    void offer_inManyPieces_isPreparedOnce() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.offer(Versions.pieces(null, second, 3));
            stream.prepared(2);

            assertThat(node.preparer.history()).containsExactly("prepare 2");
        }
    }

    @Test
    void offer_cannotBePrepared_tellsWhyAndServesOn() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            node.preparer.fail(
                    2,
                    () -> {
                        throw new RejectedException("b", "ARTIFACT", "cannot be had");
                    });
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, first);
            stream.offer(Versions.pieces(first, second, 1_000));

            Rejected rejected = stream.rejected(2);
            assertThat(rejected.getProblems(0).getApi()).isEqualTo("b");
            assertThat(rejected.getProblems(0).getCode()).isEqualTo("ARTIFACT");
            assertThat(rejected.getProblems(0).getMessage()).isEqualTo("cannot be had");
            stream.bringTo(first, third);
        }
    }

    @Test
    void offer_preparationBreaksDown_isRejectedAndTheClientGoesOn() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            node.preparer.fail(
                    1,
                    () -> {
                        throw new StackOverflowError();
                    });
            node.preparer.fail(
                    2,
                    () -> {
                        throw new IllegalStateException("a defect");
                    });
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();

            stream.offer(first);
            assertThat(codes(stream.rejected(1))).containsExactly("INTERNAL");
            stream.offer(second);
            assertThat(codes(stream.rejected(2))).containsExactly("INTERNAL");
            stream.bringTo(null, third);
        }
    }

    @Test
    void offer_malformed_isRejectedOnceForAllItsPieces() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            List<Offer> pieces = Versions.pieces(null, second, 3);

            stream.offer(pieces.subList(1, pieces.size()));
            assertThat(codes(stream.rejected(2))).containsExactly("MALFORMED_OFFER");
            // The very next message is about the next offer.
            stream.bringTo(null, first);
        }
    }

    @Test
    void offer_brokenOffByTheNextOne_isForgotten() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            List<Offer> pieces = Versions.pieces(null, first, 3);

            stream.offer(pieces.subList(0, 2));
            stream.bringTo(null, second);

            assertThat(node.preparer.history()).containsExactly("prepare 2", "activate 2");
        }
    }

    @Test
    void offer_olderVersion_isRefused() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, second);

            stream.offer(first);
            assertThat(codes(stream.rejected(1))).containsExactly("STALE_VERSION");
            stream.offer(versions.of(2, first.apis()));
            assertThat(codes(stream.rejected(2))).containsExactly("STALE_VERSION");
            stream.bringTo(null, versions.of(3, first.apis()));
        }
    }

    @Test
    void offer_signedByAnotherCluster_isRefused() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();

            stream.offer(new Versions().of(1, first.apis()));

            assertThat(codes(stream.rejected(1))).containsExactly("SIGNATURE");
            assertThat(node.preparer.history()).isEmpty();
        }
    }

    @Test
    void offer_whileAnotherIsPrepared_takesItsPlace() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.offer(first);
            stream.prepared(1);
            stream.offer(second);
            stream.prepared(2);

            stream.activate(1);
            assertThat(codes(stream.rejected(1))).containsExactly("NOT_PREPARED");
            stream.activate(2);
            stream.active(2);
            assertThat(node.preparer.history())
                    .containsExactly("prepare 1", "discard 1", "prepare 2", "activate 2");
        }
    }

    @Test
    void offer_whileAnotherIsBeingPrepared_interruptsIt() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            node.preparer.gate(1);
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.offer(first);
            node.awaitHistory("prepare 1");

            stream.bringTo(null, second);

            assertThat(node.preparer.history())
                    .containsExactly("prepare 1", "interrupt 1", "prepare 2", "activate 2");
        }
    }

    @Test
    void activate_neverOffered_isRejected() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.activate(7);

            assertThat(codes(stream.rejected(7))).containsExactly("NOT_PREPARED");
        }
    }

    @Test
    void activate_twice_isConfirmedTwice() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, first);
            stream.activate(1);
            stream.active(1);

            assertThat(node.preparer.history()).containsExactly("prepare 1", "activate 1");
        }
    }

    @Test
    void inSync_newNode_servesNothingForGood() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.inSync(0);

            node.awaitHistory("prepare 0", "activate 0");
            assertThat(node.client().isConfirmed()).isTrue();
            stream.bringTo(null, first);
        }
    }

    @Test
    void inSync_fromDisk_confirms() throws Exception {
        bringNodeTo(first);
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            assertThat(stream.hello().getVersion()).isEqualTo(1);
            assertThat(node.client().isConfirmed()).isFalse();

            stream.inSync(1);

            eventually(
                    ClientFixture.PATIENCE, () -> assertThat(node.client().isConfirmed()).isTrue());
        }
    }

    @Test
    void inSync_whileAnotherVersionIsPrepared_givesThatUp() throws Exception {
        bringNodeTo(first);
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.offer(second);
            stream.prepared(2);
            stream.inSync(1);

            node.awaitHistory("prepare 1", "activate 1", "prepare 2", "discard 2");
        }
    }

    @Test
    void close_whilePreparing_interruptsAndKeepsServing() throws Exception {
        ClientFixture node = setup.client().start();
        node.preparer.gate(1);
        FakeControlPlane.Stream stream = setup.controlPlane().stream();
        stream.hello();
        stream.offer(first);
        node.awaitHistory("prepare 1");

        node.close();

        stream.awaitEnd();
        assertThat(node.preparer.history()).containsExactly("prepare 1", "interrupt 1");
    }

    @Test
    void close_preparationEndsInSpiteOfIt_isDiscarded() throws Exception {
        ClientFixture node = setup.client().start();
        var started = new CountDownLatch(1);
        node.preparer.fail(
                1,
                () -> {
                    started.countDown();
                    // Does not listen to interruption.
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                });
        FakeControlPlane.Stream stream = setup.controlPlane().stream();
        stream.hello();
        stream.offer(first);
        assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();

        node.close();

        assertThat(node.preparer.history()).containsExactly("prepare 1", "discard 1");
    }

    @Test
    void artifacts_ofBothSlots_stayAndOlderOnesGo() throws Exception {
        Digest one = setup.source().put(SignedArtifacts.file("one", versions.key()));
        Digest two = setup.source().put(SignedArtifacts.file("two", versions.key()));
        Digest three = setup.source().put(SignedArtifacts.file("three", versions.key()));
        bringNodeTo(versions.of(1, Versions.text("a", "x", one)));
        bringNodeTo(versions.of(2, Versions.text("a", "x", two)));
        assertThat(artifactsOnDisk()).containsExactlyInAnyOrder(one.hex(), two.hex());

        bringNodeTo(versions.of(3, Versions.text("a", "x", three)));
        assertThat(artifactsOnDisk()).containsExactlyInAnyOrder(two.hex(), three.hex());

        // Both can be started from, though nobody has the artifacts any more.
        Files.delete(slotOf(3));
        int fetched = setup.source().fetched().size();
        try (ClientFixture node = setup.client().loadFromDisk()) {
            assertThat(node.preparer.history()).containsExactly("prepare 2", "activate 2");
            assertThat(setup.source().fetched()).hasSize(fetched);
        }
    }

    @Test
    void artifacts_ofRejectedVersions_doNotPileUp() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            for (int version = 1; version <= 4; version++) {
                Digest digest =
                        setup.source().put(SignedArtifacts.file("m" + version, versions.key()));
                Digest missing = Digest.of(new byte[] {(byte) version});
                stream.offer(
                        versions.of(
                                version,
                                Versions.text("a", "x", digest),
                                Versions.text("b", "x", missing)));
                stream.rejected(version);
            }
            assertThat(node.preparer.history()).hasSize(4);
            assertThat(artifactsOnDisk()).hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void disk_failsEverywhere_servesAllTheSame() throws Exception {
        Files.createFile(state.resolve("snapshots"));
        Files.createFile(state.resolve("artifacts"));
        Digest digest = setup.source().put(SignedArtifacts.file("one", versions.key()));
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, versions.of(1, Versions.text("a", "x", digest)));
            stream.bringTo(null, second);

            assertThat(node.preparer.history()).endsWith("prepare 2", "activate 2");
        }
    }

    @Test
    void message_ofANewerFormat_isPassedOver() throws Exception {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.send(ControlMessage.getDefaultInstance());

            stream.bringTo(null, first);
        }
    }

    @Test
    void drain_isTold_andFollowsOn() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            assertThat(node.client().isDraining()).isFalse();
            stream.drain();
            stream.confirms(true);
            stream.drain();
            stream.confirms(true);
            stream.bringTo(null, first);

            assertThat(node.client().isDraining()).isTrue();
            assertThat(node.drained).containsExactly(true);
        }
    }

    @Test
    void drain_streamEnds_holdsUntilItIsUndone() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            assertThat(stream.hello().getDraining()).isFalse();
            stream.drain();
            stream.confirms(true);
            stream.complete();

            FakeControlPlane.Stream next = setup.controlPlane().stream();
            assertThat(next.hello().getDraining()).isTrue();
            next.resume();
            next.confirms(false);

            assertThat(node.client().isDraining()).isFalse();
            assertThat(node.drained).containsExactly(true, false);
        }
    }

    @Test
    void controlPlane_ofAnotherCluster_isNamedAndServingGoesOn() throws Exception {
        try (ClientFixture node = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            assertThat(stream.hello().getCluster()).isEqualTo("prod");
            stream.bringTo(null, first);
            stream.fail(Status.FAILED_PRECONDITION.withDescription("cluster: another"));

            setup.controlPlane().stream().hello();
            assertThat(node.preparer.history()).containsExactly("prepare 1", "activate 1");
        }
    }

    private void bringNodeTo(SnapshotContent target) throws InterruptedException {
        try (ClientFixture _ = setup.client().start()) {
            FakeControlPlane.Stream stream = setup.controlPlane().stream();
            stream.hello();
            stream.bringTo(null, target);
        }
    }

    private Path slotOf(long version) throws IOException {
        for (String slot : SlotStore.SLOTS) {
            Path file = state.resolve("snapshots").resolve(slot);
            if (new SlotCodec(versions.key().trusted()).read(file).version() == version) {
                return file;
            }
        }
        throw new AssertionError("no slot holds version " + version);
    }

    private List<String> artifactsOnDisk() throws IOException {
        Path directory = state.resolve("artifacts");
        if (!Files.exists(directory)) {
            // The first that is kept makes it.
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static List<String> codes(Rejected rejected) {
        return rejected.getProblemsList().stream().map(Problem::getCode).toList();
    }
}
