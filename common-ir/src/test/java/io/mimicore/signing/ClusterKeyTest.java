package io.mimicore.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterKeyTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);

    /// RFC 8032 §7.1, test 2.
    private static final String SECRET =
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

    private static final String PUBLIC =
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    private static final String SIGNATURE =
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    @Test
    void sign_vectorOfTheStandard_givesItsSignature() {
        ClusterKey key =
                ClusterKey.decode(
                        base64("302e020100300506032b657004220420" + SECRET)
                                + "\n"
                                + base64("302a300506032b6570032100" + PUBLIC));

        byte[] signature = key.sign(new byte[] {0x72});

        assertThat(HexFormat.of().formatHex(signature)).isEqualTo(SIGNATURE);
        assertThat(key.trusted().verifies(new byte[] {0x72}, signature)).isTrue();
    }

    @Test
    void verifies_otherContentOrKey_isFalse() {
        ClusterKey key = ClusterKey.generate();
        byte[] signature = key.sign(CONTENT);

        assertThat(signature).hasSize(64);
        assertThat(key.trusted().verifies(CONTENT, signature)).isTrue();
        assertThat(key.trusted().verifies("Content".getBytes(UTF_8), signature)).isFalse();
        assertThat(ClusterKey.generate().trusted().verifies(CONTENT, signature)).isFalse();
    }

    @Test
    void verifies_severalTrustedKeys_eachOfThemCountsAndNoOther() {
        ClusterKey before = ClusterKey.generate();
        ClusterKey after = ClusterKey.generate();
        Trust both = new TrustedKeys(List.of(before.trusted(), after.trusted()));

        assertThat(both.verifies(CONTENT, before.sign(CONTENT))).isTrue();
        assertThat(both.verifies(CONTENT, after.sign(CONTENT))).isTrue();
        assertThat(both.verifies(CONTENT, ClusterKey.generate().sign(CONTENT))).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new TrustedKeys(List.of()));
    }

    @Test
    void verifies_anyBitOfTheSignatureFlipped_isFalse() {
        ClusterKey key = ClusterKey.generate();
        byte[] signature = key.sign(CONTENT);

        for (int bit = 0; bit < 8 * signature.length; bit++) {
            byte[] flipped = signature.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(key.trusted().verifies(CONTENT, flipped)).isFalse();
        }
    }

    @Test
    void verifies_signatureOfAnotherLength_isFalse() {
        ClusterKey key = ClusterKey.generate();
        byte[] signature = key.sign(CONTENT);

        assertThat(key.trusted().verifies(CONTENT, new byte[0])).isFalse();
        assertThat(key.trusted().verifies(CONTENT, Arrays.copyOf(signature, 63))).isFalse();
        assertThat(key.trusted().verifies(CONTENT, Arrays.copyOf(signature, 65))).isFalse();
    }

    @Test
    void decode_ofEncoded_signsAlike() {
        ClusterKey key = ClusterKey.generate();

        ClusterKey again = ClusterKey.decode(key.encode());

        assertThat(again.sign(CONTENT)).isEqualTo(key.sign(CONTENT));
        assertThat(TrustedKey.decode(key.trusted().encode()).verifies(CONTENT, key.sign(CONTENT)))
                .isTrue();
    }

    @Test
    void decode_notAKey_isRefused() throws NoSuchAlgorithmException {
        String line = Base64.getEncoder().encodeToString(CONTENT);
        byte[] rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic().getEncoded();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterKey.decode("one line"))
                .withMessage("key: 1 lines (expected: 2, the private and the public key)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterKey.decode(line + "\n" + line))
                .withMessage("key: (expected: a PKCS #8 encoded Ed25519 key)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterKey.decode("no base64!\nno base64!"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustedKey.decode(CONTENT))
                .withMessage("key: (expected: an X.509 encoded Ed25519 key)");
        assertThatIllegalArgumentException().isThrownBy(() -> TrustedKey.decode(rsa));
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }
}
