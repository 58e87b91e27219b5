package io.mimicore.dataplane.wasm;

import static java.util.Objects.requireNonNull;

import com.dylibso.chicory.wasm.Version;
import com.dylibso.chicory.wasm.types.FunctionType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.artifact.ArtifactManifest;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.UserCode;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs user code in WASM instances on a few threads that all APIs of a node share. Thread-safe.
///
/// Executes machine classes that a worker compiled; a node neither compiles nor interprets. The
/// artifact's signature and digests must have been checked by whoever hands it over.
public final class WasmCodePools implements CodePoolFactory, AutoCloseable {
    /// The runtime of this build, as [ArtifactManifest#runtime()] names it. Machine classes call
    /// its internals, so no other version's fit.
    public static final String RUNTIME = "chicory " + Version.version();

    /// For the start of a module: a hundred times what Go's takes on an idle machine.
    private static final Duration START_MAX = Duration.ofSeconds(10);

    private static final String MEMORY_GAUGE = "mimicore_wasm_memory_bytes";
    private static final String LONG_RUNS_GAUGE = "mimicore_wasm_long_runs";
    private static final Logger LOG = LoggerFactory.getLogger(WasmCodePools.class);

    private final Settings settings;
    private final CodeTimers timers;
    private final GuestEnvironment environment;
    private final Runners runners;

    private WasmCodePools(Settings settings, MeterRegistry registry) {
        this.settings = settings;
        this.timers = new CodeTimers(requireNonNull(registry, "registry"));
        this.environment =
                new GuestEnvironment(
                        new WasiHost.Sources(
                                settings.clock(), settings.nanoTime(), settings.random()),
                        new MemoryBudget(settings.memoryBytesMax()));
        this.runners = Runners.start(settings.threads(), settings.nanoTime());
        Gauge.builder(MEMORY_GAUGE, this, WasmCodePools::memoryBytes)
                .description("Linear memory of all instances and warm images, in bytes.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(LONG_RUNS_GAUGE, runners, Runners::longRuns)
                .description(
                        "Calls of user code that gave their turn up since they take more than 5 ms.")
                .register(registry);
    }

    /// Starts the threads.
    ///
    /// @param registry takes `mimicore_wasm_execution_seconds`, `mimicore_wasm_memory_bytes` and
    ///   `mimicore_wasm_long_runs`
    public static WasmCodePools start(Settings settings, MeterRegistry registry) {
        return new WasmCodePools(settings, registry);
    }

    @Override
    public CodePool prepare(String api, UserCode code, Artifact artifact) throws PrepareException {
        requireThisRuntime(artifact.manifest());
        GuestModule module = GuestModule.load(api, code, artifact, environment);
        requireFunctions(module, code);
        var log = new UserCodeLog(line -> LOG.info("api={} {}", api, line), settings.nanoTime());
        var start = new WarmStart(module, code.maxMemoryMib(), log, settings.nanoTime());
        WarmImage image = start.take(api, START_MAX);
        try {
            var factory = new GuestFactory(module, image, environment.budget());
            var pool =
                    new WasmCodePool(
                            code, factory, runners, new CallReport(api, code, log, timers));
            fill(pool, factory, code.minInstances());
            return pool;
        } catch (MemoryBudget.ExhaustedException e) {
            throw new PrepareException("instances: " + e.getMessage(), e);
        }
    }

    /// Calls that failed by fault of the code, since the start.
    public long failures() {
        return timers.failures();
    }

    /// Linear memory that all instances hold now, in bytes.
    public long memoryBytes() {
        return environment.budget().used();
    }

    /// Stops the threads when all accepted calls have ended. Close the pools first.
    @Override
    public void close() {
        runners.close();
    }

    private static void fill(WasmCodePool pool, GuestFactory factory, int instances) {
        try {
            for (int i = 0; i < instances; i++) {
                pool.add(factory.create());
            }
        } catch (MemoryBudget.ExhaustedException e) {
            pool.close();
            throw e;
        }
    }

    private static void requireThisRuntime(ArtifactManifest manifest) throws PrepareException {
        if (manifest.abi() != ArtifactManifest.ABI) {
            throw new PrepareException(
                    "abi: " + manifest.abi() + " (expected: " + ArtifactManifest.ABI + ")");
        }
        if (!manifest.runtime().equals(RUNTIME)) {
            throw new PrepareException(
                    "runtime: " + manifest.runtime() + " (expected: " + RUNTIME + ")");
        }
    }

    private static void requireFunctions(GuestModule module, UserCode code)
            throws PrepareException {
        boolean passesBytes = false;
        for (FunctionSignature signature : code.functions()) {
            requireType(module, signature.name(), FunctionTypes.of(signature));
            passesBytes |= !(signature instanceof FunctionSignature.Numeric);
        }
        if (passesBytes) {
            requireType(module, Guest.ALLOCATOR, FunctionTypes.ALLOCATOR);
        }
        for (String action : WarmStart.ACTIONS) {
            if (module.exports(action)) {
                requireType(module, action, FunctionTypes.ACTION);
            }
        }
    }

    private static void requireType(GuestModule module, String name, FunctionType expected)
            throws PrepareException {
        FunctionType type = module.exportedFunction(name);
        if (!type.equals(expected)) {
            throw new PrepareException(
                    "function: " + name + " has type " + type + " (expected: " + expected + ")");
        }
    }

    /// What the pools run on.
    ///
    /// @param threads that run user code at a time, at least 1; there are [Runners#RESERVE_THREADS]
    ///   more for calls that take long
    /// @param memoryBytesMax linear memory of all instances together, in bytes
    /// @param clock the wall clock that user code sees
    /// @param nanoTime for deadlines, in nanoseconds from any origin, never going back
    /// @param random for user code
    public record Settings(
            int threads,
            long memoryBytesMax,
            InstantSource clock,
            LongSupplier nanoTime,
            SecureRandom random) {
        public Settings {
            if (threads < 1) {
                throw new IllegalArgumentException(
                        "threads: " + threads + " (expected: at least 1)");
            }
            requireNonNull(clock, "clock");
            requireNonNull(nanoTime, "nanoTime");
            requireNonNull(random, "random");
        }

        /// A thread for each processor, and half of the heap for instances.
        public static Settings ofThisMachine(InstantSource clock, LongSupplier nanoTime) {
            Runtime machine = Runtime.getRuntime();
            return new Settings(
                    machine.availableProcessors(),
                    machine.maxMemory() / 2,
                    clock,
                    nanoTime,
                    new SecureRandom());
        }
    }
}
