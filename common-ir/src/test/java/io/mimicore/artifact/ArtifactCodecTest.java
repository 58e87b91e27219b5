package io.mimicore.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import io.mimicore.proto.artifact.v1.Manifest;
import io.mimicore.signing.ClusterKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ArtifactCodecTest {
    private static final int HEAD_BYTES = 16;
    private static final int SIGNATURE_BYTES = 64;
    private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final byte[] CLASSES = {'P', 'K', 3, 4};

    private final ClusterKey key = ClusterKey.generate();

    @Test
    void decode_ofEncoded_givesTheSame() throws MalformedArtifactException {
        byte[] file = ArtifactCodec.encode(manifest(), MODULE, CLASSES, key);

        Artifact artifact = ArtifactCodec.decode(file, key.trusted());

        assertThat(artifact.manifest()).isEqualTo(manifest());
        assertThat(artifact.module()).isEqualTo(MODULE);
        assertThat(artifact.classes()).isEqualTo(CLASSES);
        assertThat(ArtifactCodec.encode(manifest(), MODULE, CLASSES, key)).isEqualTo(file);
    }

    @Test
    void decode_anyBitFlipped_isRefused() {
        byte[] file = ArtifactCodec.encode(manifest(), MODULE, CLASSES, key);

        for (int bit = 0; bit < 8 * file.length; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(flipped, "");
        }
    }

    @Test
    void decode_cutAnywhere_isRefused() {
        byte[] file = ArtifactCodec.encode(manifest(), MODULE, CLASSES, key);

        for (int length = 0; length < file.length; length++) {
            assertRefused(Arrays.copyOf(file, length), "");
        }
    }

    @Test
    void decode_bytesBehindTheEnd_isRefused() {
        byte[] file = ArtifactCodec.encode(manifest(), MODULE, CLASSES, key);

        assertRefused(Arrays.copyOf(file, file.length + 3), "trailing bytes: 3 (expected: 0)");
    }

    @Test
    void decode_signedByAnotherKey_isRefused() {
        byte[] file = ArtifactCodec.encode(manifest(), MODULE, CLASSES, ClusterKey.generate());

        assertRefused(file, "signature: (expected: by the cluster's key)");
    }

    /// Without the domain, a signature made for something else would do.
    @Test
    void decode_manifestSignedWithoutItsDomain_isRefused() {
        byte[] manifest = message().build().toByteArray();

        assertRefused(file(manifest, key.sign(manifest)), "signature:");
    }

    @Test
    void decode_notAnArtifact_saysWhatIsExpected() {
        assertRefused(new byte[32], "magic: (expected: MIMICART, an artifact's file)");
        assertRefused(head(2, 1), "version: 2 (expected: 1)");
        assertRefused(head(1, -1), "manifest length: -1 (expected: 1..1048576)");
        assertRefused(head(1, Integer.MAX_VALUE), "manifest length: 2147483647");
        assertRefused(head(1, 1_000_000), "manifest: 1000000 bytes (expected: <= 16");
    }

    @Test
    void decode_signedManifestOfAnotherKind_isRefused() {
        assertManifestRefused(message -> message.setFormat(2), "format: 2 (expected: 1)");
        assertManifestRefused(message -> message.setBuildKey(ByteString.EMPTY), "manifest:");
        assertManifestRefused(
                message ->
                        message.addFunctions(
                                io.mimicore.proto.ir.v1.FunctionSignature.getDefaultInstance()),
                "manifest:");
        assertManifestRefused(
                message -> message.setModule(message.getModule().toBuilder().setBytes(-1)),
                "module: 18446744073709551615 bytes (expected: <= 12");
        assertManifestRefused(
                message -> message.setModule(message.getModule().toBuilder().setBytes(1L << 40)),
                "module: 1099511627776 bytes");
        assertManifestRefused(
                message -> message.setModule(message.getModule().toBuilder().setBytes(7)),
                "trailing bytes: 1");
        assertManifestRefused(
                message -> message.setModule(message.getClasses().toBuilder().setBytes(8)),
                "module: digest");
    }

    @Test
    void decode_signedManifestWithUnknownField_isRefused() {
        byte[] manifest = message().build().toByteArray();
        byte[] longer = Arrays.copyOf(manifest, manifest.length + 3);
        // Field 100, varint, 1.
        longer[manifest.length] = (byte) 0xa0;
        longer[manifest.length + 1] = 0x06;
        longer[manifest.length + 2] = 1;

        assertRefused(file(longer, sign(longer)), "manifest: (expected: the canonical encoding");
    }

    @Test
    void encode_partThatIsNotTheManifests_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArtifactCodec.encode(manifest(), CLASSES, CLASSES, key))
                .withMessageStartingWith("module: digest");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArtifactCodec.encode(manifest(), MODULE, MODULE, key))
                .withMessageStartingWith("classes: digest");
    }

    private void assertManifestRefused(UnaryOperator<Manifest.Builder> change, String message) {
        byte[] manifest = change.apply(message()).build().toByteArray();

        assertRefused(file(manifest, sign(manifest)), message);
    }

    private void assertRefused(byte[] file, String message) {
        assertThatThrownBy(() -> ArtifactCodec.decode(file, key.trusted()))
                .isInstanceOf(MalformedArtifactException.class)
                .hasMessageStartingWith(message);
    }

    private byte[] sign(byte[] manifest) {
        byte[] domain = "mimicore artifact v1\n".getBytes(UTF_8);
        return key.sign(
                ByteBuffer.allocate(domain.length + manifest.length)
                        .put(domain)
                        .put(manifest)
                        .array());
    }

    private static byte[] file(byte[] manifest, byte[] signature) {
        return ByteBuffer.allocate(
                        HEAD_BYTES
                                + manifest.length
                                + SIGNATURE_BYTES
                                + MODULE.length
                                + CLASSES.length)
                .put(head(1, manifest.length), 0, HEAD_BYTES)
                .put(manifest)
                .put(signature)
                .put(MODULE)
                .put(CLASSES)
                .array();
    }

    /// The file's first fields, and 16 bytes more.
    private static byte[] head(int version, int manifestBytes) {
        return ByteBuffer.allocate(2 * HEAD_BYTES)
                .put("MIMICART".getBytes(UTF_8))
                .putInt(version)
                .putInt(manifestBytes)
                .array();
    }

    private static Manifest.Builder message() {
        try {
            return Manifest.parseFrom(
                    ManifestCodec.encode(
                            new ManifestCodec.SizedManifest(
                                    manifest(), MODULE.length, CLASSES.length)))
                    .toBuilder();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static ArtifactManifest manifest() {
        return new ArtifactManifest(
                ArtifactManifest.ABI,
                Digest.of(new byte[] {1}),
                "go",
                "go1.26.8",
                "chicory 1.7.5",
                List.of(
                        new FunctionSignature.Numeric(
                                "double", List.of(NumericType.UINT64), NumericType.UINT64)),
                Digest.of(MODULE),
                Digest.of(CLASSES),
                "machine.Machine");
    }
}
