package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.fuzzing.SeededInputs;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.SnapshotSignature;
import org.junit.jupiter.api.Test;

/// Whatever a control plane sends: rejected with a reason, or just the content that was signed.
class OfferFuzz {
    private static final Versions VERSIONS = new Versions();
    private static final OfferRules RULES =
            new OfferRules(VERSIONS.key().trusted(), new SnapshotLimits(20, 50, 10_000, 50_000));
    private static final SnapshotContent BASE =
            VERSIONS.of(1, Versions.text("a", "one"), Versions.text("b", "one"));
    private static final SnapshotContent TARGET =
            VERSIONS.of(
                    2,
                    Versions.text("a", "two", Digest.of(new byte[] {7})),
                    Versions.text("c", "new"));

    /// Any bytes as the changes of an offer whose version and root are signed.
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void changes_any_areRejectedOrGiveWhatWasSigned(byte[] payload) {
        Offer first =
                Offer.newBuilder()
                        .setVersion(TARGET.version())
                        .setRoot(Versions.bytes(TARGET.root()))
                        .setBaseRoot(Versions.bytes(BASE.root()))
                        .setChunk(0)
                        .setChunks(1)
                        .setSignature(
                                ByteString.copyFrom(
                                        VERSIONS.key()
                                                .sign(
                                                        SnapshotSignature.signedForm(
                                                                2, TARGET.root()))))
                        .setApis(2)
                        .setRoutes(2)
                        .setIrBytes(6)
                        .setChangesBytes(payload.length)
                        .setPayload(ByteString.copyFrom(payload))
                        .build();
        take(first);
    }

    /// Any bytes as an offer.
    @FuzzTest(maxDuration = "60m", maxExecutions = 1_000_000)
    void offer_any_isRejectedOrGivesWhatWasSigned(byte[] message) {
        Offer first;
        try {
            first = Offer.parseFrom(message);
        } catch (InvalidProtocolBufferException _) {
            return;
        }
        take(first);
    }

    @Test
    void changes_mutated_areRejectedOrGiveWhatWasSigned() {
        SeededInputs.of(changes(BASE), changes(null))
                .feed(11, this::changes_any_areRejectedOrGiveWhatWasSigned);
    }

    @Test
    void offer_mutated_isRejectedOrGivesWhatWasSigned() {
        SeededInputs.of(Versions.whole(TARGET).toByteArray(), offer(10), offer(1_000))
                .feed(12, this::offer_any_isRejectedOrGivesWhatWasSigned);
    }

    private static void take(Offer first) {
        try {
            OfferAssembly assembly = OfferAssembly.begin(first, BASE.version(), RULES);
            if (assembly.add(first)) {
                SnapshotContent made = assembly.apply(BASE);
                assertThat(made.root()).isEqualTo(TARGET.root());
                assertThat(made.version()).isEqualTo(TARGET.version());
            }
        } catch (RejectedException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    private static byte[] changes(@org.jspecify.annotations.Nullable SnapshotContent from) {
        Changes changes = Versions.changes(from, TARGET);
        return changes.toByteArray();
    }

    private static byte[] offer(int bytesMax) {
        return Versions.pieces(BASE, TARGET, bytesMax).getFirst().toByteArray();
    }
}
