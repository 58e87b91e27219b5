package io.mimicore.compiler.worker;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.WorkerOffer;
import io.mimicore.compiler.cost.CompileMemory;
import io.mimicore.compiler.program.ProgramBuild;
import io.mimicore.compiler.toolchain.BuildMachineException;
import io.mimicore.compiler.toolchain.Toolchain;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The compiler worker's role: registers its toolchains, takes builds from the store, publishes
/// artifacts.
///
/// Thread-safe. Has a fixed number of build threads between [#start] and [#close].
public final class CompilerWorker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CompilerWorker.class);

    private static final long PAUSE_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);
    private static final int PAUSE_DOUBLINGS_MAX = 6;
    private static final long PAUSE_NANOS_AFTER_FAULT = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS_FOR_EVER = Long.MAX_VALUE / 4;

    /// Most builds at the same time. Each is a compiler with hundreds of megabytes of its own.
    public static final int CONCURRENCY_MAX = 64;

    /// How long a build is left to the worker that comes first for it, see [WorkerRoster].
    static final Duration OTHERS_WAIT = Duration.ofMillis(500);

    /// How long a stop waits for build threads; their keys are free by then.
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final MetadataStore store;
    private final StoreKeys keys;
    private final List<Toolchain> toolchains;
    private final LongSupplier ticker;
    private final BuildBoard board;
    private final BuildLedger ledger;
    private final WorkerRoster roster;
    private final PublishGate gate;
    private final ClaimedBuild claimedBuild;
    private final CompileMemory memory = CompileMemory.ofThisProcess();
    private final BuildMetrics metrics;
    private final Registration registration;
    private final AtomicBoolean prepared = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
    private final List<MetadataStore.Watch> watches = new ArrayList<>();

    private CompilerWorker(Builder builder) {
        store = builder.store;
        keys = builder.keys;
        toolchains = List.copyOf(builder.toolchains);
        ticker = builder.ticker;
        board = new BuildBoard(keys, ticker);
        ledger = new BuildLedger(store, keys, builder.id, builder.clock);
        gate = new PublishGate(builder.artifacts, ticker);
        claimedBuild =
                new ClaimedBuild(
                        new Objects(store, keys),
                        gate,
                        requireNonNull(builder.signer, "signer"),
                        ticker);
        metrics = new BuildMetrics(requireNonNull(builder.meters, "meters"));
        metrics.show(attempts, gate);
        WorkerOffer offer = offer(builder.id, toolchains);
        roster = new WorkerRoster(offer);
        registration = new Registration(store, keys, offer);
        for (int i = 1; i <= builder.concurrency; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .name(builder.id + "-build-" + i)
                            .daemon()
                            .unstarted(this::work));
        }
    }

    private static WorkerOffer offer(String id, List<Toolchain> toolchains) {
        return new WorkerOffer(
                id,
                toolchains.stream()
                        .map(toolchain ->
                                new WorkerOffer.Toolchain(toolchain.name(), toolchain.version()))
                        .toList());
    }

    /// A worker between two stores.
    public static Builder builder(MetadataStore store, StoreKeys keys, ArtifactStore artifacts) {
        return new Builder(store, keys, artifacts);
    }

    /// Registers and begins to build.
    ///
    /// @throws StoreException if the store cannot be reached
    public void start() {
        follow(keys.workers(), roster);
        follow(keys.builds(), board);
        registration.start();
        threads.forEach(Thread::start);
    }

    private void follow(String prefix, MetadataStore.WatchListener listener) {
        MetadataStore.Listing listing = store.list(prefix);
        listener.resync(listing);
        watches.add(store.watch(prefix, listing.revision(), listener));
    }

    /// Stops: builds under way are given up and their keys are free for others at once, also those
    /// whose thread hangs in a request to the artifact store.
    @Override
    public void close() {
        registration.close();
        board.close();
        attempts.forEach(Attempt::release);
        watches.forEach(MetadataStore.Watch::close);
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        try {
            for (Thread thread : threads) {
                boolean _ = thread.join(Duration.ofNanos(deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            // The threads are daemons and end by themselves.
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            prepare();
            for (Digest key = board.take(); key != null; key = board.take()) {
                board.giveBack(key, buildGuarded(key));
            }
        } catch (InterruptedException e) {
            // Only close() interrupts between builds.
            Thread.currentThread().interrupt();
        }
    }

    // Boundary: whatever one build meets, this thread goes on to the next.
    @SuppressWarnings("IllegalCatch")
    private long buildGuarded(Digest key) throws InterruptedException {
        try {
            return build(key);
        } catch (StoreException e) {
            log.warn("build {}: the store failed, trying again later", key, e);
            return PAUSE_NANOS_AFTER_FAULT;
        } catch (RuntimeException e) {
            log.error("build {}: given up by a fault of the worker, trying again later", key, e);
            return PAUSE_NANOS_AFTER_FAULT;
        }
    }

    /// The first thread gets the toolchains ready: what the first build needs is the same.
    private void prepare() throws InterruptedException {
        if (!prepared.compareAndSet(false, true)) {
            return;
        }
        for (Toolchain toolchain : toolchains) {
            try {
                toolchain.prepare();
            } catch (BuildMachineException e) {
                log.warn("toolchain {} does not work here", toolchain.name(), e);
            }
        }
    }

    /// Builds a key, if it can be had; says for how long to leave it alone, in nanoseconds.
    private long build(Digest key) throws InterruptedException {
        String closed = gate.closedBecause();
        if (closed != null && gate.isAwaitedBy(key)) {
            return PublishGate.ASK_EVERY.toNanos();
        }
        QueuedRequest request = ledger.request(key);
        Toolchain toolchain = request == null ? null : toolchainFor(request);
        if (request == null || toolchain == null) {
            // Somebody else builds it, or nobody: this worker has not that toolchain.
            return PAUSE_NANOS_FOR_EVER;
        }
        if (closed != null) {
            if (gate.await(key)) {
                ledger.explain(key, closed);
            }
            return PublishGate.ASK_EVERY.toNanos();
        }
        long spare = OTHERS_WAIT.toNanos() - board.openForNanos(key);
        if (spare > 0 && !roster.isFirstFor(key, request)) {
            return spare;
        }
        BuildLedger.Claim claim = ledger.claim(key);
        return claim == null ? PAUSE_NANOS_MIN : build(claim, request, toolchain);
    }

    private long build(BuildLedger.Claim claim, QueuedRequest request, Toolchain toolchain)
            throws InterruptedException {
        Digest key = claim.key();
        long started = ticker.getAsLong();
        var attempt = new Attempt(claim.lease());
        attempts.add(attempt);
        try (attempt) {
            if (board.isClosed()) {
                throw new InterruptedException("the worker was closed while it claimed");
            }
            ClaimedBuild.Ended ended =
                    claimedBuild.run(claim, request, new ProgramBuild(toolchain, memory));
            BuildState result = ended.state();
            attempt.end();
            if (Thread.interrupted()) {
                throw new InterruptedException("the lease was lost, or the worker is closed");
            }
            BuildMetrics.Outcome outcome =
                    ledger.finish(claim, result) ? ended.outcome() : lateOutcome(key, result);
            Duration took = Duration.ofNanos(ticker.getAsLong() - started);
            metrics.record(outcome, took);
            report(claim, result, outcome, took);
            return pauseAfter(outcome, claim.attempt());
        } catch (InterruptedException e) {
            // The lease was lost, or the worker is closed and the board says so next.
            log.warn("build {}: given up at attempt {}", key, claim.attempt());
            metrics.record(
                    BuildMetrics.Outcome.DROPPED, Duration.ofNanos(ticker.getAsLong() - started));
            return PAUSE_NANOS_MIN;
        } finally {
            attempts.remove(attempt);
        }
    }

    private @Nullable Toolchain toolchainFor(QueuedRequest request) {
        return toolchains.stream()
                .filter(toolchain ->
                        toolchain.name().equals(request.toolchain())
                                && toolchain.version().equals(request.toolchainVersion()))
                .findFirst()
                .orElse(null);
    }

    /// A late result is dropped; but the same program must have given the same artifact.
    private BuildMetrics.Outcome lateOutcome(Digest key, BuildState late) {
        return late instanceof BuildState.Done mine
                        && ledger.state(key) instanceof BuildState.Done counted
                        && !counted.artifact().equals(mine.artifact())
                ? BuildMetrics.Outcome.DIFFERENT
                : BuildMetrics.Outcome.DROPPED;
    }

    private static void report(
            BuildLedger.Claim claim,
            BuildState result,
            BuildMetrics.Outcome outcome,
            Duration took) {
        String name = claim.key().hex().substring(0, 12);
        switch (outcome) {
            case DONE -> log.info("build {}: done in {} ms", name, took.toMillis());
            case FAILED -> log.info("build {}: the program is wrong", name);
            case UNPUBLISHED -> log.warn("build {}: cannot be published yet", name);
            case RETRIED -> log.warn("build {}: to be tried again: {}", name, result);
            case DROPPED ->
                    log.warn(
                            "build {}: attempt {} came too late and is dropped",
                            name,
                            claim.attempt());
            case DIFFERENT ->
                    log.error(
                            "build {}: two workers made different artifacts of one program; their"
                                    + " toolchains differ although their versions do not",
                            name);
        }
    }

    private static long pauseAfter(BuildMetrics.Outcome outcome, int attempt) {
        return switch (outcome) {
            case DONE, FAILED, DROPPED, DIFFERENT -> 0;
            case RETRIED -> PAUSE_NANOS_MIN << Math.min(attempt, PAUSE_DOUBLINGS_MAX);
            // The gate says when.
            case UNPUBLISHED -> PAUSE_NANOS_MIN;
        };
    }

    /// Collects the settings of a [CompilerWorker].
    public static final class Builder {
        private final MetadataStore store;
        private final StoreKeys keys;
        private final ArtifactStore artifacts;
        private final List<Toolchain> toolchains = new ArrayList<>();
        private String id = "worker";
        private int concurrency = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private LongSupplier ticker = System::nanoTime;
        private InstantSource clock = InstantSource.system();
        private @Nullable ClusterKey signer;
        private @Nullable MeterRegistry meters;

        private Builder(MetadataStore store, StoreKeys keys, ArtifactStore artifacts) {
            this.store = requireNonNull(store, "store");
            this.keys = requireNonNull(keys, "keys");
            this.artifacts = requireNonNull(artifacts, "artifacts");
        }

        /// Its id in the cluster: another worker must not have it.
        public Builder id(String workerId) {
            id = requireNonNull(workerId, "workerId");
            return this;
        }

        /// What it builds with.
        public Builder toolchains(List<? extends Toolchain> offered) {
            toolchains.addAll(offered);
            return this;
        }

        /// What artifacts are signed with. Required.
        public Builder signer(ClusterKey clusterKey) {
            signer = requireNonNull(clusterKey, "clusterKey");
            return this;
        }

        /// Where builds are counted. Required.
        public Builder meters(MeterRegistry registry) {
            meters = requireNonNull(registry, "registry");
            return this;
        }

        /// Builds at the same time, 1..64; half the processors by default, at least 1.
        public Builder concurrency(int builds) {
            if (builds < 1 || builds > CONCURRENCY_MAX) {
                throw new IllegalArgumentException(
                        "builds: " + builds + " (expected: 1.." + CONCURRENCY_MAX + ")");
            }
            concurrency = builds;
            return this;
        }

        /// A monotonic clock in nanoseconds.
        public Builder ticker(LongSupplier nanoTime) {
            ticker = requireNonNull(nanoTime, "nanoTime");
            return this;
        }

        /// The wall clock that says since when a build runs or waits.
        public Builder clock(InstantSource now) {
            clock = requireNonNull(now, "now");
            return this;
        }

        /// The worker, not started.
        ///
        /// @throws IllegalStateException if a required setting is missing
        public CompilerWorker build() {
            if (signer == null || meters == null) {
                throw new IllegalStateException("signer and meters are required");
            }
            return new CompilerWorker(this);
        }
    }
}
