package io.mimicore.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mimicore.artifact.Artifact;
import io.mimicore.config.CodeState;
import io.mimicore.config.CompileOutcome;
import io.mimicore.config.ConfigCompiler;
import io.mimicore.config.ConfigFile;
import io.mimicore.config.ConfigReader;
import io.mimicore.config.ReadOutcome;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.LinkException;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.pipeline.PipelineSettings;
import io.mimicore.dataplane.pipeline.RequestPipeline;
import io.mimicore.dataplane.wasm.WasmCodePools;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Routes that call Go functions, through the whole pipeline without sockets.
///
/// What a route with `double` takes longer than `withoutCode` is the price of a call: arguments,
/// queue, runner, instance, reset, result. Requests come in batches, as they do from a connection
/// that is read while others are answered, so that waking a thread is paid once for several.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class UserCodeBenchmark {
    /// Requests on their way at a time; as many calls may wait.
    private static final int BATCH = 16;

    private @Nullable WasmCodePools pools;
    private @Nullable RequestPipeline pipeline;
    private List<AwaitedExchange> withoutCode = List.of();
    private List<AwaitedExchange> numbers = List.of();
    private List<AwaitedExchange> json = List.of();

    /// Builds the program, and links an API that calls it.
    @Setup
    public void link() throws IOException, InterruptedException, LinkException {
        Artifact artifact = GoArtifacts.build();
        ApiIr api = compile(config(), artifact);
        WasmCodePools made =
                WasmCodePools.start(
                        WasmCodePools.Settings.ofThisMachine(
                                InstantSource.system(), System::nanoTime),
                        new SimpleMeterRegistry());
        pools = made;
        HttpMetrics metrics = new HttpMetrics();
        ActiveSnapshot snapshot = new ActiveSnapshot(metrics);
        Digest digest = Digest.of(IrCodec.encode(api));
        var loaded = new LoadedApi(api, digest, () -> artifact, Digest.of(artifact.module()));
        snapshot.swap(
                new SnapshotLinker(made, System::nanoTime, new NoUpstreams(), new NoProxies())
                        .link(1, digest, List.of(loaded), null));
        pipeline =
                new RequestPipeline(
                        snapshot,
                        metrics,
                        PipelineSettings.DEFAULT,
                        System::nanoTime,
                        () -> ThreadLocalRandom.current().nextLong());
        withoutCode = batch("/plain/42");
        numbers = batch("/double/42");
        json = batch("/greet/Bob");
    }

    private static List<AwaitedExchange> batch(String path) {
        List<AwaitedExchange> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            batch.add(new AwaitedExchange("bench.localhost", path));
        }
        return batch;
    }

    /// Stops the node's threads.
    @TearDown
    public void stop() {
        requireNonNull(pools).close();
    }

    /// The same route without a call.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int withoutCode() {
        return answer(withoutCode);
    }

    /// A function of numbers.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int doubleInTemplate() {
        return answer(numbers);
    }

    /// A function with a struct in and a struct out.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int greetInTemplate() {
        return answer(json);
    }

    private int answer(List<AwaitedExchange> batch) {
        RequestPipeline way = requireNonNull(pipeline);
        for (int i = 0; i < BATCH; i++) {
            way.handle(batch.get(i));
        }
        int statuses = 0;
        for (int i = 0; i < BATCH; i++) {
            int status = batch.get(i).awaitStatus();
            if (status != 200) {
                throw new IllegalStateException("status: " + status + " (expected: 200)");
            }
            statuses += status;
        }
        return statuses;
    }

    private static String config() {
        return """
        {"api": "bench", "version": "v2",
         "user_code": {"inline_source": "package main", "timeout_ms": 5000, "min_instances": 2, "max_instances": 4},
         "routes": [
          {"method": "GET", "path": "/plain/{x}",
           "transform": {"extract": {"x": {"from": "path.x", "type": "int"}}},
           "response": {"body": {"v": "{{x}}"}}},
          {"method": "GET", "path": "/double/{x}",
           "transform": {"extract": {"x": {"from": "path.x", "type": "int"}}},
           "response": {"body": {"v": "{{double(x)}}"}}},
          {"method": "GET", "path": "/greet/{name}",
           "transform": {"extract": {"user": {"from": "query.user", "type": "json", "default": {"name": "Bob", "age": 42}}}},
           "response": {"body": {"v": "{{greet(user) | json}}"}}}
         ]}
        """;
    }

    private static ApiIr compile(String config, Artifact artifact) {
        ConfigFile file = new ConfigFile("bench.json", config.getBytes(UTF_8));
        var code =
                new CodeState.Built(
                        artifact.manifest().buildKey(), artifact.manifest().functions());
        ReadOutcome read = ConfigReader.read(file);
        if (read instanceof ReadOutcome.Read done) {
            CompileOutcome outcome = ConfigCompiler.compile(done.document(), code);
            if (outcome instanceof CompileOutcome.Compiled compiled) {
                return compiled.api();
            }
            throw new IllegalStateException("the benchmark's own config is wrong: " + outcome);
        }
        throw new IllegalStateException("the benchmark's own config is wrong: " + read);
    }
}
