package io.mimicore.compiler.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildRecords;
import io.mimicore.build.BuildRequest;
import io.mimicore.build.BuildState;
import io.mimicore.build.QueuedRequest;
import io.mimicore.build.StoreBuildQueue;
import io.mimicore.build.WorkerOffer;
import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.fixture.ScriptedToolchain;
import io.mimicore.config.CodeSource;
import io.mimicore.ir.Digest;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.MetadataStore;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import io.mimicore.testkit.InMemorySession;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A fleet in one JVM: a store whose leases run on a clock the test moves, an artifact directory,
/// workers and askers, each with a session of its own.
final class WorkerFixture implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final StoreKeys KEYS = new StoreKeys("test");
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    final AtomicLong leaseClock = new AtomicLong();
    final InMemoryMetadataStore store = new InMemoryMetadataStore(leaseClock::get);
    final ArtifactStore artifacts;
    final ClusterKey signer = ClusterKey.generate();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<CompilerWorker> workers = new ArrayList<>();

    WorkerFixture(Path directory) {
        artifacts = DirectoryArtifactStore.open(directory);
    }

    /// A worker of one build thread, started.
    InMemorySession startWorker(String id, ScriptedToolchain toolchain) {
        return startWorker(id, toolchain, artifacts);
    }

    /// A worker that stores artifacts its own way.
    InMemorySession startWorker(
            String id, ScriptedToolchain toolchain, ArtifactStore itsArtifacts) {
        InMemorySession session = store.session();
        CompilerWorker worker =
                CompilerWorker.builder(session, KEYS, itsArtifacts)
                        .id(id)
                        .toolchains(List.of(toolchain))
                        .signer(signer)
                        .meters(meters)
                        .concurrency(1)
                        .clock(InstantSource.fixed(NOW))
                        .build();
        worker.start();
        workers.add(worker);
        return session;
    }

    CompilerWorker worker(int index) {
        return workers.get(index);
    }

    /// A queue with a session of its own.
    StoreBuildQueue queue() {
        return queue(PATIENCE, PATIENCE);
    }

    StoreBuildQueue queue(Duration buildPatience, Duration workerPatience) {
        return StoreBuildQueue.builder(store.session(), KEYS, artifacts)
                .buildPatience(buildPatience)
                .workerPatience(workerPatience)
                .build();
    }

    /// Asks for a build on a thread of its own.
    FutureTask<BuildOutcome> ask(StoreBuildQueue queue, String source) {
        var task =
                new FutureTask<>(
                        () -> queue.build(bytes(source), false, CodeSource.Toolchain.AUTO));
        Thread.ofVirtual().name("asker").start(task);
        return task;
    }

    /// Lets the leases of stopped sessions run out.
    void passLease() {
        leaseClock.addAndGet(BuildLedger.OWNER_TTL.toNanos() + 1);
        store.expireLeases();
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static Digest keyOf(String source) {
        return new BuildRequest("go", new ScriptedToolchain().version(), bytes(source)).key();
    }

    @Nullable BuildState state(String source) {
        MetadataStore.Entry entry = store.get(KEYS.buildState(keyOf(source)));
        return entry == null ? null : BuildRecords.decodeState(entry.value());
    }

    StoreBuildQueue queue(ArtifactStore itsArtifacts) {
        return StoreBuildQueue.builder(store.session(), KEYS, itsArtifacts).build();
    }

    List<WorkerOffer> registered() {
        return store.list(KEYS.workers()).entries().stream()
                .map(entry -> BuildRecords.decodeWorker(entry.value()))
                .toList();
    }

    /// The number in its id, `w0` and up, of the worker that comes first for a program.
    int first(String source) {
        var version = new ScriptedToolchain().version();
        var request = new QueuedRequest("go", version, Digest.of(bytes(source)));
        for (WorkerOffer worker : registered()) {
            var roster = new WorkerRoster(worker);
            roster.resync(store.list(KEYS.workers()));
            if (roster.isFirstFor(keyOf(source), request)) {
                return Integer.parseInt(worker.id().substring(1));
            }
        }
        throw new AssertionError("nobody comes first");
    }

    double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    double count(String outcome) {
        return meters.get("mimicore.build.total").tag("outcome", outcome).counter().count();
    }

    @Override
    public void close() {
        workers.forEach(CompilerWorker::close);
        store.close();
    }
}
