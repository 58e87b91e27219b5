package io.mimicore.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.config.CodeState;
import io.mimicore.config.CompileOutcome;
import io.mimicore.config.ConfigCompiler;
import io.mimicore.config.ConfigFile;
import io.mimicore.config.ConfigReader;
import io.mimicore.config.ReadOutcome;
import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.LinkException;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.pipeline.PipelineSettings;
import io.mimicore.dataplane.pipeline.RequestPipeline;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A request's way through the pipeline, without sockets: host, path, policies, response.
///
/// Compare the rows of one run: what 10 000 routes cost over 10, and what a template costs over a
/// static answer. `-prof gc` shows the bytes allocated for a request.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PipelineBenchmark {
    /// Number of routes of the API, the one that is asked for in their middle.
    @Param({"10", "1000", "10000"})
    public int routes;

    private RequestPipeline pipeline;
    private DiscardingExchange staticRequest;
    private DiscardingExchange templateRequest;
    private DiscardingExchange missingRequest;

    /// Compiles a config with that many routes and links it.
    @Setup
    public void link() throws LinkException {
        ApiIr api = compile(config(routes));
        CodePoolFactory noCode =
                (name, _, _) -> {
                    throw new IllegalStateException(name + " has no code");
                };
        HttpMetrics metrics = new HttpMetrics();
        ActiveSnapshot active = new ActiveSnapshot(metrics);
        Digest digest = Digest.of(IrCodec.encode(api));
        active.swap(
                new SnapshotLinker(noCode, System::nanoTime, new NoUpstreams(), new NoProxies())
                        .link(1, digest, List.of(new LoadedApi(api, digest, null, null)), null));
        pipeline =
                new RequestPipeline(
                        active,
                        metrics,
                        PipelineSettings.DEFAULT,
                        System::nanoTime,
                        () -> ThreadLocalRandom.current().nextLong());
        int middle = routes / 2;
        staticRequest = new DiscardingExchange("bench.localhost", "/static/" + middle);
        templateRequest = new DiscardingExchange("bench.localhost", "/users/42/of/" + middle);
        missingRequest = new DiscardingExchange("bench.localhost", "/nothing/" + middle);
    }

    /// A route whose answer was encoded when the snapshot was prepared.
    @Benchmark
    public int staticAnswer() {
        pipeline.handle(staticRequest);
        return staticRequest.takeStatus();
    }

    /// A route that extracts a number from the path and prints it twice.
    @Benchmark
    public int templateAnswer() {
        pipeline.handle(templateRequest);
        return templateRequest.takeStatus();
    }

    /// A path that no route serves.
    @Benchmark
    public int unknownPath() {
        pipeline.handle(missingRequest);
        return missingRequest.takeStatus();
    }

    private static String config(int routes) {
        StringBuilder json =
                new StringBuilder("{\"api\":\"bench\",\"version\":\"v2\",\"routes\":[");
        for (int i = 0; i < (routes + 1) / 2; i++) {
            int number = routes / 2 - (routes + 1) / 4 + i;
            json.append(i == 0 ? "" : ",")
                    .append("{\"method\":\"GET\",\"path\":\"/static/")
                    .append(number)
                    .append("\",\"response\":{\"body\":{\"number\":")
                    .append(number)
                    .append("}}},{\"method\":\"GET\",\"path\":\"/users/{id}/of/")
                    .append(number)
                    .append(
                            "\",\"transform\":{\"extract\":{\"id\":{\"from\":\"path.id\",\"type\":\"int\"}}},")
                    .append(
                            "\"response\":{\"body\":{\"id\":\"{{id}}\",\"text\":\"user {{id}}\"}}}");
        }
        return json.append("]}").toString();
    }

    private static ApiIr compile(String config) {
        ConfigFile file = new ConfigFile("bench.json", config.getBytes(UTF_8));
        if (ConfigReader.read(file) instanceof ReadOutcome.Read read
                && ConfigCompiler.compile(read.document(), new CodeState.NoCode())
                        instanceof CompileOutcome.Compiled compiled) {
            return compiled.api();
        }
        throw new IllegalStateException("the benchmark's own config is wrong");
    }
}
