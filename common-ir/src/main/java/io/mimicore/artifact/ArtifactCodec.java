package io.mimicore.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.signing.Trust;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Artifacts as one file, and back.
///
/// | bytes | content |
/// | --- | --- |
/// | 8 | `MIMICART` |
/// | 4 | version of this layout, 1; numbers are big-endian |
/// | 4 | length of the manifest, 1..1 MiB |
/// | … | manifest, a canonical `mimicore.artifact.v1.Manifest` |
/// | 64 | Ed25519 signature over `mimicore artifact v1\n` and the manifest |
/// | … | module, then classes, as long as the manifest says, and nothing after them |
///
/// The signature covers the parts through their digests in the manifest. Nothing is parsed before
/// the signature holds.
public final class ArtifactCodec {
    /// Largest manifest, in bytes: far above what thousands of functions need.
    public static final int MANIFEST_BYTES_MAX = 1024 * 1024;

    private static final byte[] MAGIC = "MIMICART".getBytes(UTF_8);
    private static final int VERSION = 1;
    private static final byte[] DOMAIN = "mimicore artifact v1\n".getBytes(UTF_8);
    private static final int SIGNATURE_BYTES = 64;
    private static final int HEAD_BYTES = MAGIC.length + 2 * Integer.BYTES;

    private ArtifactCodec() {}

    /// The file of an artifact, signed.
    ///
    /// @throws IllegalArgumentException if a part is not what its digest in the manifest names, or
    ///   the manifest is too large
    public static byte[] encode(
            ArtifactManifest manifest, byte[] module, byte[] classes, ClusterKey key) {
        requireDigest("module", manifest.module(), module);
        requireDigest("classes", manifest.classes(), classes);
        byte[] head =
                ManifestCodec.encode(
                        new ManifestCodec.SizedManifest(manifest, module.length, classes.length));
        if (head.length > MANIFEST_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "manifest: " + head.length + " bytes (expected: <= 1 MiB)");
        }
        long total =
                (long) HEAD_BYTES + head.length + SIGNATURE_BYTES + module.length + classes.length;
        return ByteBuffer.allocate(Math.toIntExact(total))
                .put(MAGIC)
                .putInt(VERSION)
                .putInt(head.length)
                .put(head)
                .put(key.sign(signedForm(head)))
                .put(module)
                .put(classes)
                .array();
    }

    /// Reads and checks an artifact's file: its form, its signature, then its digests.
    ///
    /// @throws MalformedArtifactException if any of them does not hold
    public static Artifact decode(byte[] bytes, Trust key) throws MalformedArtifactException {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        requireHead(file);
        byte[] head = manifestBytes(file);
        byte[] signature = take(file, "signature", SIGNATURE_BYTES);
        if (!key.verifies(signedForm(head), signature)) {
            throw new MalformedArtifactException("signature: (expected: by the cluster's key)");
        }
        ManifestCodec.SizedManifest sized = ManifestCodec.decode(head);
        byte[] module = take(file, "module", sized.moduleBytes());
        byte[] classes = take(file, "classes", sized.classesBytes());
        if (file.hasRemaining()) {
            throw new MalformedArtifactException(
                    "trailing bytes: " + file.remaining() + " (expected: 0)");
        }
        try {
            requireDigest("module", sized.manifest().module(), module);
            requireDigest("classes", sized.manifest().classes(), classes);
        } catch (IllegalArgumentException e) {
            throw new MalformedArtifactException(String.valueOf(e.getMessage()), e);
        }
        return new Artifact(sized.manifest(), module, classes);
    }

    private static void requireHead(ByteBuffer file) throws MalformedArtifactException {
        byte[] magic = take(file, "magic", MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new MalformedArtifactException("magic: (expected: MIMICART, an artifact's file)");
        }
        int version = ByteBuffer.wrap(take(file, "version", Integer.BYTES)).getInt();
        if (version != VERSION) {
            throw new MalformedArtifactException(
                    "version: " + version + " (expected: " + VERSION + ")");
        }
    }

    private static byte[] manifestBytes(ByteBuffer file) throws MalformedArtifactException {
        int length = ByteBuffer.wrap(take(file, "manifest length", Integer.BYTES)).getInt();
        if (length < 1 || length > MANIFEST_BYTES_MAX) {
            throw new MalformedArtifactException(
                    "manifest length: " + length + " (expected: 1.." + MANIFEST_BYTES_MAX + ")");
        }
        return take(file, "manifest", length);
    }

    private static byte[] take(ByteBuffer file, String name, long length)
            throws MalformedArtifactException {
        if (length < 0 || length > file.remaining()) {
            throw new MalformedArtifactException(
                    name
                            + ": "
                            + Long.toUnsignedString(length)
                            + " bytes (expected: <= "
                            + file.remaining()
                            + ", the rest of the file)");
        }
        byte[] taken = new byte[(int) length];
        file.get(taken);
        return taken;
    }

    private static byte[] signedForm(byte[] manifest) {
        return ByteBuffer.allocate(DOMAIN.length + manifest.length)
                .put(DOMAIN)
                .put(manifest)
                .array();
    }

    private static void requireDigest(String name, Digest expected, byte[] content) {
        Digest actual = Digest.of(content);
        if (!actual.equals(expected)) {
            throw new IllegalArgumentException(
                    name + ": digest " + actual + " (expected: " + expected + ")");
        }
    }
}
