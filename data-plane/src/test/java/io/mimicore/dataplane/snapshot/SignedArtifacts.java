package io.mimicore.dataplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import java.util.List;

/// Artifacts that are signed and complete, but hold no program.
public final class SignedArtifacts {
    private SignedArtifacts() {}

    /// The file of an artifact.
    ///
    /// @param module tells one from the other
    public static byte[] file(String module, ClusterKey key) {
        byte[] bytes = module.getBytes(UTF_8);
        byte[] classes = {};
        var manifest =
                new ArtifactManifest(
                        ArtifactManifest.ABI,
                        Digest.of(bytes),
                        "go",
                        "1.24",
                        "none",
                        List.of(),
                        Digest.of(bytes),
                        Digest.of(classes),
                        "Machine");
        return ArtifactCodec.encode(manifest, bytes, classes, key);
    }
}
