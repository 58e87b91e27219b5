package io.mimicore.artifact;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.codec.MalformedIrException;
import io.mimicore.ir.codec.SignatureCodec;
import io.mimicore.proto.artifact.v1.Manifest;
import io.mimicore.proto.artifact.v1.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Manifests as bytes, and back.
final class ManifestCodec {
    /// Version of the manifest's encoding.
    static final int FORMAT = 1;

    private ManifestCodec() {}

    /// A manifest and the lengths of the two parts that follow it, in bytes.
    record SizedManifest(ArtifactManifest manifest, long moduleBytes, long classesBytes) {}

    static byte[] encode(SizedManifest sized) {
        ArtifactManifest manifest = sized.manifest();
        Manifest.Builder message =
                Manifest.newBuilder()
                        .setFormat(FORMAT)
                        .setAbi(manifest.abi())
                        .setBuildKey(encode(manifest.buildKey()))
                        .setToolchain(manifest.toolchain())
                        .setToolchainVersion(manifest.toolchainVersion())
                        .setRuntime(manifest.runtime())
                        .setModule(encode(manifest.module(), sized.moduleBytes()))
                        .setClasses(encode(manifest.classes(), sized.classesBytes()))
                        .setMachineClass(manifest.machineClass());
        manifest.functions()
                .forEach(function -> message.addFunctions(SignatureCodec.encode(function)));
        return message.build().toByteArray();
    }

    static SizedManifest decode(byte[] bytes) throws MalformedArtifactException {
        try {
            Manifest message = Manifest.parseFrom(bytes);
            if (message.getFormat() != FORMAT) {
                throw new MalformedArtifactException(
                        "format: "
                                + Integer.toUnsignedString(message.getFormat())
                                + " (expected: "
                                + FORMAT
                                + ")");
            }
            SizedManifest sized =
                    new SizedManifest(
                            decode(message),
                            message.getModule().getBytes(),
                            message.getClasses().getBytes());
            if (!Arrays.equals(encode(sized), bytes)) {
                throw new MalformedArtifactException(
                        "manifest: (expected: the canonical encoding, without unknown fields)");
            }
            return sized;
        } catch (InvalidProtocolBufferException
                | MalformedIrException
                | IllegalArgumentException e) {
            throw new MalformedArtifactException("manifest: " + e.getMessage(), e);
        }
    }

    private static ArtifactManifest decode(Manifest message) throws MalformedIrException {
        List<FunctionSignature> functions = new ArrayList<>();
        for (var function : message.getFunctionsList()) {
            functions.add(SignatureCodec.decode(function));
        }
        return new ArtifactManifest(
                message.getAbi(),
                decode(message.getBuildKey()),
                message.getToolchain(),
                message.getToolchainVersion(),
                message.getRuntime(),
                functions,
                decode(message.getModule().getSha256()),
                decode(message.getClasses().getSha256()),
                message.getMachineClass());
    }

    private static Part encode(Digest digest, long bytes) {
        return Part.newBuilder().setSha256(encode(digest)).setBytes(bytes).build();
    }

    private static ByteString encode(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }

    private static Digest decode(ByteString digest) {
        return Digest.ofBytes(digest.toByteArray());
    }
}
