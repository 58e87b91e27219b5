package io.mimicore.compiler.worker;

import io.mimicore.artifact.ArtifactCodec;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.program.ProgramBuild;
import io.mimicore.compiler.program.ProgramOutcome;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.Objects;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Does a claimed build and says what the store should remember. Thread-safe.
final class ClaimedBuild {
    /// After so many attempts that ended the same way without a clear word, it is the program.
    static final int INCONCLUSIVE_MAX = 3;

    private final Objects objects;
    private final ArtifactStore artifacts;
    private final ClusterKey signer;
    private final LongSupplier ticker;

    ClaimedBuild(Objects objects, ArtifactStore artifacts, ClusterKey signer, LongSupplier ticker) {
        this.objects = objects;
        this.artifacts = artifacts;
        this.signer = signer;
        this.ticker = ticker;
    }

    /// Builds and publishes.
    ///
    /// @throws io.mimicore.store.StoreException if a store fails; nothing is remembered then
    /// @throws InterruptedException when interrupted; nothing is remembered then
    BuildState run(BuildLedger.Claim claim, QueuedRequest queued, ProgramBuild program)
            throws InterruptedException {
        long started = ticker.getAsLong();
        byte[] source = objects.get(queued.source());
        if (source == null) {
            return new BuildState.Queued(
                    "the source " + queued.source() + " is not in the store", claim.attempt());
        }
        var request = new BuildRequest(queued.toolchain(), queued.toolchainVersion(), source);
        if (!request.key().equals(claim.key())) {
            return new BuildState.Failed(
                    List.of(
                            new SourceProblem(
                                    0,
                                    0,
                                    "BUILD_KEY",
                                    "the request does not belong to the key: " + request.key(),
                                    "apply the API again; control plane and workers must be of one"
                                            + " version")),
                    claim.attempt());
        }
        try {
            return switch (program.build(request)) {
                case ProgramOutcome.Refused refused ->
                        new BuildState.Failed(refused.problems(), claim.attempt());
                case ProgramOutcome.Inconclusive unclear -> unclear(claim, unclear.problem());
                case ProgramOutcome.Built built -> publish(claim, built, started);
            };
        } catch (BuildMachineException e) {
            return new BuildState.Queued(String.valueOf(e.getMessage()), claim.attempt());
        }
    }

    private BuildState publish(
            BuildLedger.Claim claim, ProgramOutcome.Built built, long startedNanos) {
        byte[] artifact =
                ArtifactCodec.encode(built.manifest(), built.module(), built.classes(), signer);
        ArtifactStore.Stored stored = artifacts.put(artifact);
        return new BuildState.Done(
                stored.digest(),
                artifact.length,
                built.manifest().functions(),
                TimeUnit.NANOSECONDS.toMillis(ticker.getAsLong() - startedNanos),
                claim.attempt());
    }

    private static BuildState unclear(BuildLedger.Claim claim, SourceProblem problem) {
        boolean again =
                claim.before() instanceof BuildState.Queued before
                        && before.reason().equals(problem.message());
        return again && claim.attempt() >= INCONCLUSIVE_MAX
                ? new BuildState.Failed(List.of(problem), claim.attempt())
                : new BuildState.Queued(problem.message(), claim.attempt());
    }
}
