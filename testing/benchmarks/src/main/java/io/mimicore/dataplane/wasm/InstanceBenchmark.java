package io.mimicore.dataplane.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.benchmarks.GoArtifacts;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.UserCode;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What isolation costs: calls of a Go function on one instance, and what becomes of the instance.
///
/// Compare the rows of one run: `isolatedCall` with `callWithoutReset`, `reset` and `fromImage`
/// with `instantiateAndInitialize`. Here, in the package of what it measures, since all of that is
/// internal.
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class InstanceBenchmark {
    private static final int MEMORY_MIB = 64;
    private static final int PRACTICE_CALLS = 60_000;
    private static final int DEADLINE_MILLIS = 10;

    private static final List<Value> USER =
            List.of(
                    requireNonNull(
                            PlainValue.decode("{\"name\":\"Bob\",\"age\":42}".getBytes(UTF_8))));

    private @Nullable Program program;
    private @Nullable WasmCodePools node;

    /// Builds the program, loads it and takes its image.
    @Setup
    public void load() throws IOException, InterruptedException, PrepareException {
        Artifact artifact = GoArtifacts.build();
        var settings =
                new WasmCodePools.Settings(
                        2, 1L << 30, InstantSource.system(), System::nanoTime, new SecureRandom());
        var environment =
                new GuestEnvironment(
                        new WasiHost.Sources(
                                settings.clock(), settings.nanoTime(), settings.random()),
                        new MemoryBudget(settings.memoryBytesMax()));
        UserCode code =
                new UserCode(
                        artifact.manifest().buildKey(),
                        artifact.manifest().functions(),
                        DEADLINE_MILLIS,
                        MEMORY_MIB,
                        1,
                        2);
        GuestModule module = GuestModule.load("bench", code, artifact, environment);
        var log = new UserCodeLog(_ -> {}, System::nanoTime);
        WarmImage image =
                new WarmStart(module, MEMORY_MIB, log, System::nanoTime)
                        .take("bench", Duration.ofSeconds(20));
        node = WasmCodePools.start(settings, new SimpleMeterRegistry());
        program =
                new Program(
                        artifact,
                        code,
                        module,
                        image,
                        GuestFunction.of(signature(artifact, "greet")));
    }

    private static FunctionSignature signature(Artifact artifact, String name) {
        return artifact.manifest().functions().get(index(artifact, name));
    }

    private static int index(Artifact artifact, String name) {
        List<FunctionSignature> functions = artifact.manifest().functions();
        for (int i = 0; i < functions.size(); i++) {
            if (functions.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalStateException("function: " + name + " (expected: in the program)");
    }

    /// Stops the node's threads.
    @TearDown
    public void stop() {
        requireNonNull(node).close();
    }

    /// One instance.
    @State(Scope.Thread)
    public static class OneInstance {
        private @Nullable Guest guest;

        /// Makes it.
        @Setup
        public void make(InstanceBenchmark benchmark) throws CallFailedException {
            Program program = benchmark.program();
            guest = program.module.guestOf(program.image);
            program.practise(guest);
        }

        Guest guest() {
            return requireNonNull(guest);
        }
    }

    /// One instance that a call has just written to.
    @State(Scope.Thread)
    public static class UsedInstance {
        private @Nullable Guest guest;

        /// Makes it.
        @Setup
        public void make(InstanceBenchmark benchmark) throws CallFailedException {
            Program program = benchmark.program();
            guest = program.module.guestOf(program.image);
            program.practise(guest);
        }

        /// Calls a function on it.
        @Setup(Level.Invocation)
        public void use(InstanceBenchmark benchmark) throws CallFailedException {
            benchmark.program().greet.call(guest(), USER);
        }

        Guest guest() {
            return requireNonNull(guest);
        }
    }

    /// JSON in, JSON out, on an instance that keeps everything: its heap grows and is collected.
    @Benchmark
    public Value callWithoutReset(OneInstance one) throws CallFailedException {
        return program().greet.call(one.guest(), USER);
    }

    /// The same as every call of a node: from the warm image.
    @Benchmark
    public Value isolatedCall(OneInstance one) throws CallFailedException {
        Value value = program().greet.call(one.guest(), USER);
        one.guest().reset(program().image);
        return value;
    }

    /// Going back to the image after a call.
    @Benchmark
    public int reset(UsedInstance used) {
        used.guest().reset(program().image);
        return used.guest().memory().pages();
    }

    /// A new instance in the warm state.
    @Benchmark
    public int fromImage() {
        Guest guest = program().module.guestOf(program().image);
        int pages = guest.memory().pages();
        guest.free();
        return pages;
    }

    /// A new instance as it would be without an image: instantiated and initialised.
    @Benchmark
    @Warmup(iterations = 3, time = 1)
    public int instantiateAndInitialize() {
        Guest guest = program().module.startGuest();
        guest.function("_initialize").apply();
        int pages = guest.memory().pages();
        guest.free();
        return pages;
    }

    /// From the artifact to the first answer, on a node that has loaded others before.
    @Benchmark
    @Warmup(iterations = 3, time = 1)
    public Object newFunction() throws PrepareException {
        Program made = program();
        try (CodePool pool = node().prepare("new", made.code, made.artifact)) {
            return await(pool, index(made.artifact, "double"), List.of(Value.Whole.of(21)));
        }
    }

    private static Object await(CodePool pool, int function, List<Value> arguments) {
        var outcome = new CompletableFuture<Object>();
        pool.call(
                function,
                arguments,
                new CodePool.Completion() {
                    @Override
                    public void completed(Value result) {
                        outcome.complete(result);
                    }

                    @Override
                    public void failed(CodeFailure failure) {
                        outcome.complete(failure);
                    }
                });
        return outcome.join();
    }

    /// A pool whose code never returns.
    @State(Scope.Benchmark)
    public static class Runaway {
        private @Nullable CodePool pool;
        private int spin;

        /// Makes it.
        @Setup
        public void make(InstanceBenchmark benchmark) throws PrepareException {
            Program program = benchmark.program();
            pool = benchmark.node().prepare("runaway", program.code, program.artifact);
            spin = index(program.artifact, "spin");
        }

        /// Closes it.
        @TearDown
        public void close() {
            requireNonNull(pool).close();
        }
    }

    /// A call that never returns, from its start to the answer 504; its deadline is 10 ms, so what
    /// is above 10 ms is how late it was stopped.
    @Benchmark
    @Warmup(iterations = 2, time = 1)
    public Object runawayWithDeadlineOf10Millis(Runaway runaway) {
        Object outcome =
                await(requireNonNull(runaway.pool), runaway.spin, List.of(Value.Whole.of(0)));
        if (!(outcome instanceof CodeFailure failure)
                || failure.kind() != CodeFailure.Kind.TIMEOUT) {
            throw new IllegalStateException("outcome: " + outcome + " (expected: a timeout)");
        }
        return outcome;
    }

    private Program program() {
        return requireNonNull(program);
    }

    private WasmCodePools node() {
        return requireNonNull(node);
    }

    private record Program(
            Artifact artifact,
            UserCode code,
            GuestModule module,
            WarmImage image,
            GuestFunction greet) {
        /// Lets the JIT compiler see the function as often as it takes until it has compiled all of
        /// it.
        void practise(Guest guest) throws CallFailedException {
            for (int i = 0; i < PRACTICE_CALLS; i++) {
                greet.call(guest, USER);
                guest.reset(image);
            }
        }
    }
}
