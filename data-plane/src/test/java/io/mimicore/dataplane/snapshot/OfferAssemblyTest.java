package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.ApiChange;
import io.mimicore.proto.snapshot.v1.Changes;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.signing.ClusterKey;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class OfferAssemblyTest {
    private static final SnapshotLimits LIMITS = new SnapshotLimits(3, 4, 100, 1_000);

    private final Versions versions = new Versions();
    private final OfferRules rules = new OfferRules(versions.key().trusted(), LIMITS);
    private final SnapshotContent base =
            versions.of(1, Versions.text("a", "one"), Versions.text("b", "one"));
    private final SnapshotContent target =
            versions.of(
                    2,
                    Versions.text("a", "two", Digest.of(new byte[] {7})),
                    Versions.text("c", "new"));

    @Test
    void apply_changesFromBase_givesTheTarget() throws RejectedException {
        SnapshotContent made = assemble(Versions.pieces(base, target, 10), base);

        assertThat(Versions.same(made, target)).isTrue();
    }

    @Test
    void apply_fromNothing_forgetsWhatServes() throws RejectedException {
        SnapshotContent made = assemble(Versions.pieces(null, target, 10), base);

        assertThat(Versions.same(made, target)).isTrue();
    }

    @Test
    void apply_newVersionOfTheSameContent_needsNoChanges() throws RejectedException {
        SnapshotContent again = versions.of(5, base.apis());
        List<Offer> pieces = Versions.pieces(base, again, 10);
        assertThat(pieces).hasSize(1);

        assertThat(Versions.same(assemble(pieces, base), again)).isTrue();
    }

    @Test
    void apply_noApisLeft_isEmpty() throws RejectedException {
        SnapshotContent empty = versions.of(2, new TreeMap<>());

        assertThat(assemble(Versions.pieces(base, empty, 10), base).apis()).isEmpty();
    }

    @Test
    void begin_laterPiece_isMalformed() {
        Offer second = Versions.pieces(base, target, 10).get(1);

        requireRejected("MALFORMED_OFFER", () -> OfferAssembly.begin(second, 1, rules));
    }

    @Test
    void begin_olderOrSameVersion_isStale() {
        Offer offer = Versions.whole(target);

        requireRejected("STALE_VERSION", () -> OfferAssembly.begin(offer, 2, rules));
        requireRejected("STALE_VERSION", () -> OfferAssembly.begin(offer, 3, rules));
    }

    @Test
    void begin_versionOutOfRange_isMalformed() {
        requireBeginRejects("MALFORMED_OFFER", offer -> offer.setVersion(0));
        requireBeginRejects("MALFORMED_OFFER", offer -> offer.setVersion(-1));
    }

    @Test
    void begin_otherVersionThanSigned_isNotSigned() {
        requireBeginRejects("SIGNATURE", offer -> offer.setVersion(9));
    }

    @Test
    void begin_otherRootThanSigned_isNotSigned() {
        requireBeginRejects("SIGNATURE", offer -> offer.setRoot(Versions.bytes(base.root())));
    }

    @Test
    void begin_noSignature_isNotSigned() {
        requireBeginRejects("SIGNATURE", Offer.Builder::clearSignature);
    }

    @Test
    void begin_anotherClustersKey_isNotSigned() {
        var other = new OfferRules(ClusterKey.generate().trusted(), LIMITS);

        requireRejected("SIGNATURE", () -> OfferAssembly.begin(Versions.whole(target), 1, other));
    }

    @Test
    void begin_rootOfWrongLength_isMalformed() {
        requireBeginRejects(
                "MALFORMED_OFFER", offer -> offer.setRoot(ByteString.copyFromUtf8("x")));
        requireBeginRejects("MALFORMED_OFFER", Offer.Builder::clearRoot);
    }

    @Test
    void begin_declaresMoreThanALimit_isRejectedBeforeAnythingComes() {
        requireBeginRejects("LIMIT", offer -> offer.setApis(4));
        requireBeginRejects("LIMIT", offer -> offer.setApis(-1));
        requireBeginRejects("LIMIT", offer -> offer.setRoutes(5));
        requireBeginRejects("LIMIT", offer -> offer.setIrBytes(101));
        requireBeginRejects("LIMIT", offer -> offer.setIrBytes(-1));
        requireBeginRejects("LIMIT", offer -> offer.setChangesBytes(1_001));
        requireBeginRejects("LIMIT", offer -> offer.setChangesBytes(-1));
    }

    @Test
    void begin_noPieceOrMoreThanBytes_isMalformed() {
        requireBeginRejects("MALFORMED_OFFER", offer -> offer.setChunks(0));
        requireBeginRejects("MALFORMED_OFFER", offer -> offer.setChunks(1_000));
        requireBeginRejects("MALFORMED_OFFER", offer -> offer.setChunks(-1));
    }

    @Test
    void add_pieceOutOfOrder_isMalformed() throws RejectedException {
        List<Offer> pieces = Versions.pieces(base, target, 10);
        OfferAssembly skips = OfferAssembly.begin(pieces.getFirst(), 1, rules);
        skips.add(pieces.get(0));
        OfferAssembly repeats = OfferAssembly.begin(pieces.getFirst(), 1, rules);
        repeats.add(pieces.get(0));

        requireRejected("MALFORMED_OFFER", () -> skips.add(pieces.get(2)));
        requireRejected("MALFORMED_OFFER", () -> repeats.add(pieces.get(0)));
    }

    @Test
    void add_pieceOfAnotherVersion_isMalformed() throws RejectedException {
        List<Offer> pieces = Versions.pieces(base, target, 10);
        OfferAssembly assembly = OfferAssembly.begin(pieces.getFirst(), 1, rules);
        assembly.add(pieces.get(0));
        Offer other = pieces.get(1).toBuilder().setVersion(3).build();

        requireRejected("MALFORMED_OFFER", () -> assembly.add(other));
    }

    @Test
    void add_emptyPiece_isMalformed() throws RejectedException {
        List<Offer> pieces = Versions.pieces(base, target, 10);
        OfferAssembly assembly = OfferAssembly.begin(pieces.getFirst(), 1, rules);
        assembly.add(pieces.get(0));
        Offer empty = pieces.get(1).toBuilder().clearPayload().build();

        requireRejected("MALFORMED_OFFER", () -> assembly.add(empty));
    }

    @Test
    void add_moreBytesThanDeclared_isMalformed() throws RejectedException {
        Offer offer = Versions.whole(target);
        Offer smaller = offer.toBuilder().setChangesBytes(offer.getChangesBytes() - 1).build();
        OfferAssembly assembly = OfferAssembly.begin(smaller, 1, rules);

        requireRejected("MALFORMED_OFFER", () -> assembly.add(smaller));
    }

    @Test
    void add_fewerBytesThanDeclared_isMalformed() throws RejectedException {
        Offer offer = Versions.whole(target);
        Offer larger = offer.toBuilder().setChangesBytes(offer.getChangesBytes() + 1).build();
        OfferAssembly assembly = OfferAssembly.begin(larger, 1, rules);

        requireRejected("MALFORMED_OFFER", () -> assembly.add(larger));
    }

    @Test
    void apply_changesFromAnotherRoot_isRejected() {
        SnapshotContent other = versions.of(1, Versions.text("a", "other"));

        requireRejected("BASE_ROOT", () -> assemble(Versions.pieces(base, target, 10), other));
    }

    @Test
    void apply_newerVersionServesMeanwhile_isStale() {
        SnapshotContent newer = versions.of(3, base.apis());

        requireRejected(
                "STALE_VERSION",
                () -> {
                    OfferAssembly assembly = OfferAssembly.begin(Versions.whole(target), 1, rules);
                    assembly.add(Versions.whole(target));
                    assembly.apply(newer);
                });
    }

    @Test
    void apply_baseRootOfWrongLength_isMalformed() {
        Offer offer =
                Versions.whole(target).toBuilder()
                        .setBaseRoot(ByteString.copyFromUtf8("short"))
                        .build();

        requireRejected("MALFORMED_OFFER", () -> assemble(List.of(offer), base));
    }

    @Test
    void apply_bytesThatAreNoChanges_isMalformed() {
        ByteString garbage = ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff, 1});
        Offer offer =
                Versions.whole(target).toBuilder()
                        .setPayload(garbage)
                        .setChangesBytes(garbage.size())
                        .build();

        requireRejected("MALFORMED_OFFER", () -> assemble(List.of(offer), base));
    }

    @Test
    void apply_irOfAnotherDigest_namesTheApi() {
        Changes changes = change(put -> put.setIr(ByteString.copyFromUtf8("other text")));

        RejectedException rejected =
                requireRejected("DIGEST", () -> assemble(offering(changes), base));
        assertThat(rejected.problems().getFirst().api()).isEqualTo("a");
    }

    @Test
    void apply_digestsOfWrongLength_areMalformed() {
        ByteString shorter = ByteString.copyFromUtf8("short");
        requireRejected(
                "MALFORMED_OFFER",
                () -> assemble(offering(change(put -> put.setIrDigest(shorter))), base));
        requireRejected(
                "MALFORMED_OFFER",
                () -> assemble(offering(change(put -> put.setArtifactDigests(0, shorter))), base));
    }

    @Test
    void apply_otherContentThanSigned_hasAnotherRoot() {
        ByteString artifact = Versions.bytes(Digest.of(new byte[] {8}));

        requireRejected(
                "ROOT",
                () -> assemble(offering(change(put -> put.setArtifactDigests(0, artifact))), base));
    }

    @Test
    void apply_otherNumberOfApisThanDeclared_isMalformed() {
        Offer offer = Versions.whole(target).toBuilder().setApis(1).build();

        requireRejected("MALFORMED_OFFER", () -> assemble(List.of(offer), base));
    }

    @Test
    void apply_moreIrThanTheLimit_isRejectedThoughLessWasDeclared() {
        SnapshotContent large = versions.of(2, Versions.text("a", "x".repeat(101)));
        Offer offer = Versions.whole(large).toBuilder().setIrBytes(1).build();

        requireRejected("LIMIT", () -> assemble(List.of(offer), base));
    }

    @Test
    void limits_ofHeap_growWithIt() {
        SnapshotLimits small = SnapshotLimits.ofHeap(64L << 20);
        SnapshotLimits large = SnapshotLimits.ofHeap(64L << 30);

        assertThat(small.irBytesMax()).isGreaterThanOrEqualTo(16L << 20);
        assertThat(large.irBytesMax()).isEqualTo(8L << 30);
        assertThat(large.apisMax()).isGreaterThan(small.apisMax());
        assertThat(large.changesBytesMax()).isEqualTo(Integer.MAX_VALUE);
    }

    private SnapshotContent assemble(List<Offer> pieces, SnapshotContent current)
            throws RejectedException {
        OfferAssembly assembly = OfferAssembly.begin(pieces.getFirst(), current.version(), rules);
        for (int i = 0; i < pieces.size(); i++) {
            assertThat(assembly.add(pieces.get(i))).isEqualTo(i == pieces.size() - 1);
        }
        return assembly.apply(current);
    }

    /// The changes to the target, with the first API's put changed.
    private Changes change(Consumer<ApiChange.Builder> damage) {
        Changes.Builder changes = Versions.changes(base, target).toBuilder();
        damage.accept(changes.getPutBuilder(0));
        return changes.build();
    }

    private List<Offer> offering(Changes changes) {
        return Versions.pieces(base, target, changes, Integer.MAX_VALUE);
    }

    private void requireBeginRejects(String code, Consumer<Offer.Builder> damage) {
        Offer.Builder offer = Versions.whole(target).toBuilder();
        damage.accept(offer);
        requireRejected(code, () -> OfferAssembly.begin(offer.build(), 1, rules));
    }

    private static RejectedException requireRejected(String code, ThrowingCallable call) {
        RejectedException rejected = catchThrowableOfType(RejectedException.class, call);
        assertThat(rejected).isNotNull();
        assertThat(rejected.problems()).extracting(NodeProblem::code).containsExactly(code);
        return rejected;
    }
}
