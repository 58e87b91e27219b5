package io.mimicore.dataplane.snapshot;

import io.grpc.Channel;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.signing.TrustedKey;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Puts a [SnapshotClient] together for a node.
public final class SnapshotClients {
    private SnapshotClients() {}

    /// What a client prepares with, and where it puts the result.
    public record Serving(SnapshotLinker linker, ActiveSnapshot active) {}

    /// A client that keeps its state below `state`.
    public static SnapshotClient create(
            Path state,
            TrustedKey trusted,
            SnapshotClient.Identity identity,
            Supplier<Channel> channel,
            Serving serving) {
        ArtifactCache artifacts =
                new ArtifactCache(
                        state.resolve("artifacts"), trusted, new RemoteArtifacts(channel));
        Preparer preparer = new LinkingPreparer(serving.linker(), serving.active(), artifacts);
        return new SnapshotClient(
                new SnapshotClient.Environment(
                        identity, channel, trusted, NodeDisk.in(state, trusted)),
                preparer,
                RandomGenerator.getDefault());
    }
}
