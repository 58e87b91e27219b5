package io.mimicore.testkit.fleet;

import io.mimicore.ir.Digest;
import io.mimicore.proto.snapshot.v1.Offer;
import io.mimicore.snapshot.SnapshotTree;
import io.mimicore.testkit.fleet.OfferChecks.Checked;
import io.mimicore.testkit.fleet.OfferChecks.OfferId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An offer as its pieces come in. One that was checked for another node is hashed and not kept.
/// Confined to its node.
final class ReceivedOffer {
    private final OfferId id;
    private final boolean kept;
    private final List<Offer> pieces = new ArrayList<>();
    private final MessageDigest hash = sha256();
    private int received;

    ReceivedOffer(Offer first, OfferChecks checks) {
        this.id = OfferId.of(first);
        this.kept = checks.known(id) == null;
    }

    boolean isContinuedBy(Offer piece) {
        return piece.getChunk() == received && id.equals(OfferId.of(piece));
    }

    /// Takes the next piece.
    ///
    /// @return whether it was the last
    boolean add(Offer piece) {
        received++;
        hash.update(piece.getPayload().asReadOnlyByteBuffer());
        if (kept) {
            pieces.add(piece);
        }
        return received == piece.getChunks();
    }

    long version() {
        return id.version();
    }

    boolean isWhole() {
        return id.base().isEmpty();
    }

    /// Whether it starts from what the node has.
    boolean isFor(SnapshotTree held) {
        return isWhole() || held.root().equals(Digest.ofBytes(id.base().toByteArray()));
    }

    /// Checks all of it, once the last piece is there.
    ///
    /// @return absent: it was forgotten meanwhile
    @Nullable Checked check(OfferChecks checks, SnapshotTree held, List<String> faults) {
        Digest payload = Digest.ofBytes(hash.digest());
        Checked checked = kept ? checks.check(pieces, payload, held) : checks.known(id);
        if (checked == null) {
            faults.add("version " + version() + " was checked too long ago");
            return null;
        }
        faults.addAll(checked.faults());
        if (!checked.payload().equals(payload)) {
            faults.add("version " + version() + " came with other bytes than to another node");
        }
        return checked;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
