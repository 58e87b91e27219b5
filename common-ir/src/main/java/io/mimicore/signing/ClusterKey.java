package io.mimicore.signing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/// A cluster's key pair: what the control plane and the workers sign with. Thread-safe.
public final class ClusterKey {
    private final PrivateKey privateKey;
    private final TrustedKey trusted;

    private ClusterKey(PrivateKey privateKey, TrustedKey trusted) {
        this.privateKey = privateKey;
        this.trusted = trusted;
    }

    /// Makes a new key from the platform's secure random source.
    public static ClusterKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new ClusterKey(pair.getPrivate(), TrustedKey.of(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is not usable on this Java platform", e);
        }
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws IllegalArgumentException if it is not that
    public static ClusterKey decode(String text) {
        List<String> lines = text.strip().lines().toList();
        if (lines.size() != 2) {
            throw new IllegalArgumentException(
                    "key: "
                            + lines.size()
                            + " lines (expected: 2, the private and the public key)");
        }
        try {
            byte[] encoded = Base64.getDecoder().decode(lines.get(0));
            PrivateKey key =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            return new ClusterKey(key, TrustedKey.decode(Base64.getDecoder().decode(lines.get(1))));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key: (expected: a PKCS #8 encoded Ed25519 key)", e);
        }
    }

    /// The key as two lines of Base64: PKCS #8, then X.509. Secret: keep it in a file of mode 0600.
    public String encode() {
        Base64.Encoder base64 = Base64.getEncoder();
        return base64.encodeToString(privateKey.getEncoded())
                + "\n"
                + base64.encodeToString(trusted.encode())
                + "\n";
    }

    /// The public half.
    public TrustedKey trusted() {
        return trusted;
    }

    /// A signature over `content`, 64 bytes.
    public byte[] sign(byte[] content) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(privateKey);
            ed25519.update(content);
            return ed25519.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is not usable on this Java platform", e);
        }
    }
}
