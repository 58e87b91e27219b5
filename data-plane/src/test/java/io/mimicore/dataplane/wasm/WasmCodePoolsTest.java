package io.mimicore.dataplane.wasm;

import static io.mimicore.dataplane.wasm.PoolFixture.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import io.mimicore.testkit.Eventually;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WasmCodePoolsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void close_pool_unloadsItsClasses() throws PrepareException {
        var registry = new SimpleMeterRegistry();
        Runners runners = Runners.start(1, System::nanoTime);
        var loaders = new ArrayList<WeakReference<ClassLoader>>();
        WasmCodePool pool = newPool(runners, registry, loaders);
        value(pool, "double", Value.Whole.of(1));
        PoolFixture.failure(pool, "panics");
        value(
                pool,
                "greet",
                new Value.Encoded("{\"name\":\"x\"}".getBytes(UTF_8)),
                Value.Whole.of(1));
        assertThat(loaders.getFirst().get()).isNotNull();

        pool.close();

        // The pool itself and the threads are still there.
        Eventually.eventually(
                PATIENCE,
                () -> {
                    System.gc();
                    assertThat(loaders.getFirst().get()).isNull();
                });
        runners.close();
        assertThat(registry.getMeters()).isEmpty();
        assertThat(pool).isNotNull();
    }

    /// In a method of its own, so that no variable of the test holds a class.
    private static WasmCodePool newPool(
            Runners runners, MeterRegistry registry, List<WeakReference<ClassLoader>> loaders)
            throws PrepareException {
        Artifact artifact = TestArtifacts.playground();
        var code = PoolFixture.code(artifact.manifest().functions(), 20_000);
        var budget = new MemoryBudget(PoolFixture.MEMORY_BYTES_MAX);
        var environment = new GuestEnvironment(PoolFixture.sources(), budget);
        GuestModule module = GuestModule.load("test", code, artifact, environment);
        var log = new UserCodeLog(_ -> {}, System::nanoTime);
        WarmImage image =
                new WarmStart(module, code.maxMemoryMib(), log, System::nanoTime)
                        .take("test", PATIENCE);
        var factory = new GuestFactory(module, image, budget);
        Guest guest = factory.create();
        loaders.add(new WeakReference<>(guest.instance().getMachine().getClass().getClassLoader()));
        var pool =
                new WasmCodePool(
                        code,
                        factory,
                        runners,
                        new CallReport("test", code, log, new CodeTimers(registry)));
        pool.add(guest);
        return pool;
    }

    @Test
    void close_everyPool_givesAllMemoryBack() throws PrepareException {
        try (var node = new PoolFixture()) {
            for (int i = 0; i < 3; i++) {
                try (CodePool pool = node.playground(20_000)) {
                    value(pool, "hoard_mib", Value.Whole.of(5));
                    PoolFixture.failure(pool, "exits", Value.Whole.of(5));
                    assertThat(node.pools.memoryBytes()).isPositive();
                }
            }
            Eventually.eventually(PATIENCE, () -> assertThat(node.pools.memoryBytes()).isZero());
        }
    }

    @Test
    void close_node_endsItsThreads() {
        Set<Thread> before = wasmThreads();
        var node = new PoolFixture();
        Set<Thread> started = wasmThreads();
        started.removeAll(before);
        assertThat(started).hasSize(PoolFixture.THREADS + Runners.RESERVE_THREADS + 1);

        node.close();

        Eventually.eventually(PATIENCE, () -> assertThat(started).noneMatch(Thread::isAlive));
    }

    private static Set<Thread> wasmThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("wasm-"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    @Test
    void prepare_noMemoryLeftOnTheNode_isRefusedAndLeavesNothing() throws PrepareException {
        Artifact artifact = TestArtifacts.playground();
        var code = PoolFixture.code(artifact.manifest().functions(), 20_000);
        long needed;
        try (WasmCodePools pools = PoolFixture.start(new SimpleMeterRegistry(), 1L << 30);
                CodePool _ = pools.prepare("test", code, artifact)) {
            needed = pools.memoryBytes();
        }

        // One byte less than the image and the first instance take, and too little to start at all.
        for (long bytesMax : new long[] {needed - 1, 1 << 20}) {
            try (WasmCodePools pools = PoolFixture.start(new SimpleMeterRegistry(), bytesMax)) {
                assertThatExceptionOfType(PrepareException.class)
                        .isThrownBy(() -> pools.prepare("test", code, artifact))
                        .withMessageContaining("no memory for another instance");
                assertThat(pools.memoryBytes()).isZero();
            }
        }
    }

    @Test
    void prepare_otherRuntimeOrAbi_isRefused() {
        ArtifactManifest manifest = TestArtifacts.playground().manifest();

        refused(
                withRuntime(manifest, manifest.abi(), "chicory 1.7.4"),
                "runtime: chicory 1.7.4 (expected: chicory 1.7.5)");
        refused(withRuntime(manifest, 99, manifest.runtime()), "abi: 99 (expected: 1)");
    }

    private static ArtifactManifest withRuntime(
            ArtifactManifest manifest, int abi, String runtime) {
        return new ArtifactManifest(
                abi,
                manifest.buildKey(),
                manifest.toolchain(),
                manifest.toolchainVersion(),
                runtime,
                manifest.functions(),
                manifest.module(),
                manifest.classes(),
                manifest.machineClass());
    }

    @Test
    void prepare_brokenModule_isRefused() {
        Artifact good = TestArtifacts.playground();
        byte[] truncated = Arrays.copyOf(good.module(), 1000);

        refused(
                new Artifact(good.manifest(), truncated, good.classes()),
                "module: its sections do not add up (expected: a WASM module)");
        refused(
                new Artifact(good.manifest(), new byte[] {1, 2, 3}, good.classes()),
                "module: its sections do not add up (expected: a WASM module)");
        refused(
                new Artifact(good.manifest(), new byte[20], good.classes()),
                "module: it does not parse");
    }

    @Test
    void prepare_brokenClasses_isRefused() {
        Artifact good = TestArtifacts.playground();

        refused(
                new Artifact(good.manifest(), good.module(), new byte[] {1, 2, 3}),
                "machine class: io.mimicore.generated.TestMachine does not load");
    }

    private static void refused(ArtifactManifest manifest, String message) {
        Artifact good = TestArtifacts.playground();
        refused(new Artifact(manifest, good.module(), good.classes()), message);
    }

    private static void refused(Artifact artifact, String message) {
        try (var node = new PoolFixture()) {
            assertThatExceptionOfType(PrepareException.class)
                    .isThrownBy(() -> node.prepare(artifact))
                    .withMessageStartingWith(message);
            assertThat(node.pools.memoryBytes()).isZero();
        }
    }

    @Test
    void start_withoutEnd_isStoppedAtItsDeadline() throws PrepareException {
        var module =
                new ModuleWriter()
                        .function("f", 0x42, 0)
                        .action("_initialize", 0x03, 0x40, 0x0C, 0, 0x0B);
        Artifact artifact = TestArtifacts.of(module.write(), List.of());
        var budget = new MemoryBudget(PoolFixture.MEMORY_BYTES_MAX);
        GuestModule loaded =
                GuestModule.load(
                        "test",
                        PoolFixture.code(List.of(), 1_000),
                        artifact,
                        new GuestEnvironment(PoolFixture.sources(), budget));
        var start =
                new WarmStart(
                        loaded, 64, new UserCodeLog(_ -> {}, System::nanoTime), System::nanoTime);

        assertThatExceptionOfType(PrepareException.class)
                .isThrownBy(() -> start.take("test", Duration.ofMillis(100)))
                .withMessage("start: not done after 100 ms");
        Eventually.eventually(PATIENCE, () -> assertThat(budget.used()).isZero());
    }
}
