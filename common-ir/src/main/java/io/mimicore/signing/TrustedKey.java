package io.mimicore.signing;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;

/// The public half of a cluster's key: what a node checks signatures with. Thread-safe.
public final class TrustedKey implements Trust {
    private final PublicKey key;

    private TrustedKey(PublicKey key) {
        this.key = key;
    }

    /// Decodes an X.509 `SubjectPublicKeyInfo`.
    ///
    /// @throws IllegalArgumentException if it is not an Ed25519 key
    public static TrustedKey decode(byte[] encoded) {
        try {
            return new TrustedKey(
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(new X509EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key: (expected: an X.509 encoded Ed25519 key)", e);
        }
    }

    static TrustedKey of(PublicKey key) {
        return new TrustedKey(key);
    }

    /// The X.509 `SubjectPublicKeyInfo`.
    public byte[] encode() {
        return key.getEncoded().clone();
    }

    /// Whether `signature` is this key's over `content`.
    @Override
    public boolean verifies(byte[] content, byte[] signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(key);
            ed25519.update(content);
            return ed25519.verify(signature);
        } catch (SignatureException e) {
            // Not even the form of a signature.
            return false;
        } catch (InvalidKeyException | java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("Ed25519 is not usable on this Java platform", e);
        }
    }
}
