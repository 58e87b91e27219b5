package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.signing.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Puts a [SnapshotClient] together for a node.
public final class SnapshotClients {
    private static final Duration FETCH_PATIENCE = Duration.ofSeconds(30);

    private SnapshotClients() {}

    /// What a client prepares with, and where it puts the result.
    public record Serving(SnapshotLinker linker, ActiveSnapshot active) {}

    /// Where a client keeps its state, and whose signatures it trusts.
    public record Home(Path state, Trust trusted) {}

    /// A client that keeps its state at home.
    ///
    /// @param controlPlanes whom it may follow
    public static SnapshotClient create(
            Home home,
            NodeIdentity identity,
            ControlPlanes controlPlanes,
            Serving serving,
            NodeSignals signals) {
        Path slots = home.state().resolve("snapshots");
        var artifacts =
                new ArtifactCache(
                        home.state().resolve("artifacts"),
                        home.trusted(),
                        new RemoteArtifacts(controlPlanes::followed, FETCH_PATIENCE));
        var disk =
                new NodeDisk(
                        new SlotStore(slots, home.trusted()),
                        new CrashGuard(slots, Ticker.SYSTEM),
                        artifacts);
        return new SnapshotClient(
                new SnapshotClient.Environment(identity, controlPlanes, signals, Ticker.SYSTEM),
                disk,
                new LinkingPreparer(serving.linker(), serving.active(), artifacts),
                new OfferRules(
                        home.trusted(), SnapshotLimits.ofHeap(Runtime.getRuntime().maxMemory())),
                RandomGenerator.getDefault());
    }
}
