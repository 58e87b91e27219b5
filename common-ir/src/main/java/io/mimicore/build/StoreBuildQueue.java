package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import io.mimicore.config.CodeSource;
import io.mimicore.ir.Digest;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreException;
import io.mimicore.store.StoreKeys;
import io.mimicore.store.Transaction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Asks the fleet's workers for builds, through the store.
///
/// What was built or refused before is answered at once. Everything else is queued once, whoever
/// asks, and waited for by watching its state.
///
/// Thread-safe.
public final class StoreBuildQueue implements BuildQueue {
    private final MetadataStore store;
    private final StoreKeys keys;
    private final Objects objects;
    private final ArtifactStore artifacts;
    private final WorkerDirectory workers;
    private final String defaultToolchain;
    private final Duration buildPatience;
    private final Duration workerPatience;
    private final LongSupplier ticker;
    private final InstantSource clock;

    private StoreBuildQueue(Builder builder) {
        store = builder.store;
        keys = builder.keys;
        artifacts = builder.artifacts;
        defaultToolchain = builder.defaultToolchain;
        buildPatience = builder.buildPatience;
        workerPatience = builder.workerPatience;
        ticker = builder.ticker;
        clock = builder.clock;
        objects = new Objects(store, keys);
        workers = new WorkerDirectory(store, keys);
    }

    /// A queue over the stores of one cluster.
    ///
    /// @param artifacts where workers publish: an artifact that is gone from there is built again
    public static Builder builder(MetadataStore store, StoreKeys keys, ArtifactStore artifacts) {
        return new Builder(store, keys, artifacts);
    }

    @Override
    public BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain)
            throws InterruptedException {
        byte[] content = wasm ? source : GoSource.withUnixLines(source);
        if (content.length > BuildRequest.SOURCE_BYTES_MAX) {
            return new BuildOutcome.Rejected(
                    List.of(
                            new SourceProblem(
                                    0,
                                    0,
                                    "BUILD_SOURCE_TOO_LARGE",
                                    "source: "
                                            + content.length
                                            + " bytes (expected: at most "
                                            + BuildRequest.SOURCE_BYTES_MAX
                                            + ")",
                                    "move data out of the program")));
        }
        try {
            String name = wasm ? "wasm" : nameOf(toolchain);
            String version = workers.versionOf(name, workerPatience);
            if (version == null) {
                return new BuildOutcome.Unavailable(missingWorker(name));
            }
            return await(new BuildRequest(name, version, content));
        } catch (StoreException e) {
            return new BuildOutcome.Unavailable("the store failed: " + e.getMessage());
        }
    }

    private BuildOutcome await(BuildRequest request) throws InterruptedException {
        Digest key = request.key();
        long deadline = ticker.getAsLong() + buildPatience.toNanos();
        while (true) {
            try (var watched = StateWatch.open(store, keys.buildState(key))) {
                if (watched.first() == null) {
                    submit(request, key);
                }
                BuildState state = watched.awaitEnd(deadline - ticker.getAsLong());
                switch (state) {
                    case BuildState.Done done -> {
                        if (watched.first() instanceof BuildState.Done && !touch(key, done)) {
                            continue;
                        }
                        if (isStored(done.artifact())) {
                            return new BuildOutcome.Built(key, done.artifact(), done.functions());
                        }
                        buildAgain(key, done);
                    }
                    case BuildState.Failed failed -> {
                        return new BuildOutcome.Rejected(failed.problems());
                    }
                    case BuildState.Queued _, BuildState.Running _ -> {
                        return new BuildOutcome.Unavailable(late(request, state));
                    }
                    case null -> {
                        // The record was removed meanwhile: ask again, if there is time.
                        if (ticker.getAsLong() - deadline >= 0) {
                            return new BuildOutcome.Unavailable(
                                    "the build was removed from the queue again and again");
                        }
                    }
                }
            }
        }
    }

    /// Whether what a DONE record names is to be had. What cannot be asked for is taken to be
    /// there: the record was written after the artifact, and no collector removes one that a record
    /// names.
    private boolean isStored(Digest artifact) {
        try {
            return artifacts.contains(artifact);
        } catch (StoreException _) {
            return true;
        }
    }

    private void submit(BuildRequest request, Digest key) {
        // Written also if it is there: what is written anew is not removed as garbage for a while.
        objects.putAll(List.of(request.source()));
        Digest source = Digest.of(request.source());
        var queued = new QueuedRequest(request.toolchain(), request.toolchainVersion(), source);
        // Whoever is second finds the key there; the request would be the same.
        store.commit(
                Transaction.builder()
                        .ifAbsent(keys.buildState(key))
                        .put(keys.buildRequest(key), BuildRecords.encode(queued))
                        .put(
                                keys.buildState(key),
                                BuildRecords.encode(new BuildState.Queued("", 0, clock.millis())))
                        .build());
    }

    /// Writes an old record anew, so that it is not removed as garbage between now and the time
    /// when what is made of it is stored.
    ///
    /// @return whether it was still there
    private boolean touch(Digest key, BuildState.Done done) {
        MetadataStore.Entry entry = store.get(keys.buildState(key));
        return entry != null
                && BuildRecords.decodeState(entry.value()).equals(done)
                && store.commit(
                                Transaction.builder()
                                        .ifModRevision(keys.buildState(key), entry.modRevision())
                                        .put(keys.buildState(key), entry.value())
                                        .build())
                        .succeeded();
    }

    private void buildAgain(Digest key, BuildState.Done gone) {
        MetadataStore.Entry entry = store.get(keys.buildState(key));
        if (entry == null || !BuildRecords.decodeState(entry.value()).equals(gone)) {
            return;
        }
        store.commit(
                Transaction.builder()
                        .ifModRevision(keys.buildState(key), entry.modRevision())
                        .put(
                                keys.buildState(key),
                                BuildRecords.encode(
                                        new BuildState.Queued(
                                                "artifact "
                                                        + gone.artifact()
                                                        + " is gone from the artifact store",
                                                gone.attempt(),
                                                clock.millis())))
                        .build());
    }

    private String missingWorker(String toolchain) {
        String registered = workers.describe();
        return "no compiler worker offers the toolchain "
                + toolchain
                + " ("
                + (registered.isEmpty() ? "none is registered" : "registered: " + registered)
                + "); "
                + switch (toolchain) {
                    case "go" -> "start one on a machine with Go 1.24 or newer";
                    case "tinygo" -> "start one on a machine with TinyGo, or use the toolchain go";
                    default -> "start one with `mimicore compiler-worker`";
                };
    }

    private String late(BuildRequest request, @Nullable BuildState state) {
        String waited = "not built within " + buildPatience.toSeconds() + " s: ";
        return waited
                + switch (state) {
                    case BuildState.Running running ->
                            "worker " + running.worker() + " is at attempt " + running.attempt();
                    case BuildState.Queued queued when !queued.reason().isEmpty() ->
                            "attempt " + queued.attempt() + " failed: " + queued.reason();
                    case null, default ->
                            "no worker with "
                                    + request.toolchainVersion()
                                    + " has taken it (registered: "
                                    + workers.describe()
                                    + ")";
                };
    }

    private String nameOf(CodeSource.Toolchain toolchain) {
        return toolchain == CodeSource.Toolchain.AUTO
                ? defaultToolchain
                : toolchain.name().toLowerCase(Locale.ROOT);
    }

    /// Collects the settings of a [StoreBuildQueue].
    public static final class Builder {
        private final MetadataStore store;
        private final StoreKeys keys;
        private final ArtifactStore artifacts;
        private String defaultToolchain = "go";
        private Duration buildPatience = Duration.ofMinutes(5);
        private Duration workerPatience = Duration.ofSeconds(30);
        private LongSupplier ticker = System::nanoTime;
        private InstantSource clock = InstantSource.system();

        private Builder(MetadataStore store, StoreKeys keys, ArtifactStore artifacts) {
            this.store = requireNonNull(store, "store");
            this.keys = requireNonNull(keys, "keys");
            this.artifacts = requireNonNull(artifacts, "artifacts");
        }

        /// What `auto` stands for: `go`, the default, or `tinygo`.
        public Builder defaultToolchain(String toolchain) {
            if (!toolchain.equals("go") && !toolchain.equals("tinygo")) {
                throw new IllegalArgumentException(
                        "toolchain: " + toolchain + " (expected: go or tinygo)");
            }
            defaultToolchain = toolchain;
            return this;
        }

        /// How long a build may take, its time in the queue included. The default is 5 minutes: the
        /// first build on a new worker compiles the standard library too.
        public Builder buildPatience(Duration patience) {
            buildPatience = requireNonNull(patience, "patience");
            return this;
        }

        /// How long to wait for a worker that offers the toolchain. The default is 30 s.
        public Builder workerPatience(Duration patience) {
            workerPatience = requireNonNull(patience, "patience");
            return this;
        }

        /// A monotonic clock in nanoseconds.
        public Builder ticker(LongSupplier nanoTime) {
            ticker = requireNonNull(nanoTime, "nanoTime");
            return this;
        }

        /// The wall clock that says when a build was asked for.
        public Builder clock(InstantSource now) {
            clock = requireNonNull(now, "now");
            return this;
        }

        /// The queue.
        public StoreBuildQueue build() {
            return new StoreBuildQueue(this);
        }
    }
}
