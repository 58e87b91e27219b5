package io.mimicore.dataplane.wasm;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodeFailure;
import io.mimicore.dataplane.code.CodePool;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.dataplane.value.Value;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.UserCode;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A node's pools with room for a few instances, and calls that wait for their outcome.
final class PoolFixture implements AutoCloseable {
    static final int THREADS = 2;
    static final long MEMORY_BYTES_MAX = 400L << 20;
    private static final long PATIENCE_SECONDS = 60;

    final MeterRegistry registry = new SimpleMeterRegistry();
    final WasmCodePools pools = start(registry, MEMORY_BYTES_MAX);

    static WasmCodePools start(MeterRegistry registry, long memoryBytesMax) {
        return WasmCodePools.start(
                new WasmCodePools.Settings(
                        THREADS,
                        memoryBytesMax,
                        InstantSource.system(),
                        System::nanoTime,
                        new SecureRandom()),
                registry);
    }

    /// The system's clocks.
    static WasiHost.Sources sources() {
        return new WasiHost.Sources(InstantSource.system(), System::nanoTime, new SecureRandom());
    }

    /// Code with one instance at the beginning, two at most, and room for a Go heap.
    static UserCode code(List<FunctionSignature> functions, int timeoutMillis) {
        return new UserCode(Digest.of(new byte[0]), functions, timeoutMillis, 64, 1, 2);
    }

    CodePool playground(int timeoutMillis) throws PrepareException {
        return playground(timeoutMillis, 2);
    }

    CodePool playground(int timeoutMillis, int maxInstances) throws PrepareException {
        var code =
                new UserCode(
                        Digest.of(new byte[0]),
                        PlaygroundFunctions.ALL,
                        timeoutMillis,
                        64,
                        1,
                        maxInstances);
        return pools.prepare("test", code, TestArtifacts.playground());
    }

    CodePool prepare(Artifact artifact) throws PrepareException {
        return pools.prepare("test", code(artifact.manifest().functions(), 2_000), artifact);
    }

    static CompletableFuture<Outcome> start(CodePool pool, String function, Value... arguments) {
        return start(pool, PlaygroundFunctions.index(function), arguments);
    }

    static CompletableFuture<Outcome> start(CodePool pool, int function, Value... arguments) {
        var outcome = new CompletableFuture<Outcome>();
        pool.call(
                function,
                List.of(arguments),
                new CodePool.Completion() {
                    @Override
                    public void completed(Value result) {
                        outcome.complete(new Outcome.Returned(result));
                    }

                    @Override
                    public void failed(CodeFailure failure) {
                        outcome.complete(new Outcome.Failed(failure));
                    }
                });
        return outcome;
    }

    static Value value(CodePool pool, String function, Value... arguments) {
        return switch (await(start(pool, function, arguments))) {
            case Outcome.Returned(Value value) -> value;
            case Outcome.Failed(CodeFailure failure) ->
                    throw new AssertionError("expected a value: " + failure);
        };
    }

    static CodeFailure failure(CodePool pool, String function, Value... arguments) {
        return switch (await(start(pool, function, arguments))) {
            case Outcome.Returned(Value value) ->
                    throw new AssertionError("expected a failure: " + value);
            case Outcome.Failed(CodeFailure failure) -> failure;
        };
    }

    static Outcome await(CompletableFuture<Outcome> outcome) {
        try {
            return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        pools.close();
    }

    /// How a call ended.
    sealed interface Outcome {
        record Returned(Value value) implements Outcome {}

        record Failed(CodeFailure failure) implements Outcome {}
    }
}
