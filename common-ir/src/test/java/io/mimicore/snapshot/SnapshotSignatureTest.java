package io.mimicore.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SnapshotSignatureTest {
    private static final Digest ROOT = new Digest("ab".repeat(Digest.BYTES));

    @Test
    void signedForm_isDomainVersionAndRoot() {
        assertThat(HexFormat.of().formatHex(SnapshotSignature.signedForm(258, ROOT)))
                .isEqualTo(
                        HexFormat.of().formatHex("mimicore snapshot v1\n".getBytes(UTF_8))
                                + "0000000000000102"
                                + ROOT.hex());
    }

    @Test
    void signature_ofOneVersion_doesNotHoldForAnotherOrAnotherRoot() {
        ClusterKey key = ClusterKey.generate();
        byte[] signature = key.sign(SnapshotSignature.signedForm(7, ROOT));
        Digest otherRoot = new Digest("cd".repeat(Digest.BYTES));

        assertThat(key.trusted().verifies(SnapshotSignature.signedForm(7, ROOT), signature))
                .isTrue();
        assertThat(key.trusted().verifies(SnapshotSignature.signedForm(8, ROOT), signature))
                .isFalse();
        assertThat(key.trusted().verifies(SnapshotSignature.signedForm(7, otherRoot), signature))
                .isFalse();
    }
}
