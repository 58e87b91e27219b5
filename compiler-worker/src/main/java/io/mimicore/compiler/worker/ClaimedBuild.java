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
import io.mimicore.store.StoreException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Does a claimed build and says what the store should remember. Thread-safe.
final class ClaimedBuild {
    /// After so many attempts that ended the same way without a clear word, it is the program.
    static final int INCONCLUSIVE_MAX = 3;

    private final Objects objects;
    private final PublishGate gate;
    private final ClusterKey signer;
    private final LongSupplier ticker;

    ClaimedBuild(Objects objects, PublishGate gate, ClusterKey signer, LongSupplier ticker) {
        this.objects = objects;
        this.gate = gate;
        this.signer = signer;
        this.ticker = ticker;
    }

    /// How a build ended.
    ///
    /// @param state what the store should remember
    record Ended(BuildState state, BuildMetrics.Outcome outcome) {}

    /// Builds and publishes.
    ///
    /// @throws StoreException if the metadata store fails; nothing is remembered then
    /// @throws InterruptedException when interrupted; nothing is remembered then
    Ended run(BuildLedger.Claim claim, QueuedRequest queued, ProgramBuild program)
            throws InterruptedException {
        long started = ticker.getAsLong();
        byte[] source = objects.get(queued.source());
        if (source == null) {
            return again(claim, "the source " + queued.source() + " is not in the store");
        }
        var request = new BuildRequest(queued.toolchain(), queued.toolchainVersion(), source);
        if (!request.key().equals(claim.key())) {
            return failed(
                    claim,
                    List.of(
                            new SourceProblem(
                                    0,
                                    0,
                                    "BUILD_KEY",
                                    "the request does not belong to the key: " + request.key(),
                                    "apply the API again; control plane and workers must be of one"
                                            + " version")));
        }
        try {
            return switch (program.build(request)) {
                case ProgramOutcome.Refused refused -> failed(claim, refused.problems());
                case ProgramOutcome.Inconclusive unclear -> unclear(claim, unclear.problem());
                case ProgramOutcome.Built built -> publish(claim, built, started);
            };
        } catch (BuildMachineException e) {
            return again(claim, String.valueOf(e.getMessage()));
        }
    }

    private Ended publish(BuildLedger.Claim claim, ProgramOutcome.Built built, long startedNanos) {
        byte[] artifact =
                ArtifactCodec.encode(built.manifest(), built.module(), built.classes(), signer);
        ArtifactStore.Stored stored;
        try {
            stored = gate.put(artifact);
        } catch (StoreException e) {
            return new Ended(
                    queued(claim, String.valueOf(e.getMessage())),
                    BuildMetrics.Outcome.UNPUBLISHED);
        }
        return new Ended(
                new BuildState.Done(
                        stored.digest(),
                        artifact.length,
                        built.manifest().functions(),
                        TimeUnit.NANOSECONDS.toMillis(ticker.getAsLong() - startedNanos),
                        claim.attempt()),
                BuildMetrics.Outcome.DONE);
    }

    private static Ended unclear(BuildLedger.Claim claim, SourceProblem problem) {
        boolean again =
                claim.before() instanceof BuildState.Queued before
                        && before.reason().equals(problem.message());
        return again && claim.attempt() >= INCONCLUSIVE_MAX
                ? failed(claim, List.of(problem))
                : again(claim, problem.message());
    }

    private static Ended failed(BuildLedger.Claim claim, List<SourceProblem> problems) {
        return new Ended(
                new BuildState.Failed(problems, claim.attempt()), BuildMetrics.Outcome.FAILED);
    }

    private static Ended again(BuildLedger.Claim claim, String reason) {
        return new Ended(queued(claim, reason), BuildMetrics.Outcome.RETRIED);
    }

    /// The ledger dates it when it is written.
    private static BuildState queued(BuildLedger.Claim claim, String reason) {
        return new BuildState.Queued(reason, claim.attempt(), 0);
    }
}
