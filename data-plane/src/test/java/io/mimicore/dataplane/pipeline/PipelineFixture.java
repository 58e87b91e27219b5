package io.mimicore.dataplane.pipeline;

import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.RecordedExchange;
import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.LinkException;
import io.mimicore.dataplane.link.LoadedApi;
import io.mimicore.dataplane.link.NoProxies;
import io.mimicore.dataplane.link.PreparedSnapshot;
import io.mimicore.dataplane.link.ScriptedPools;
import io.mimicore.dataplane.link.ScriptedUpstreams;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A pipeline with a clock, pools and snapshots that the test moves.
final class PipelineFixture {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    final ManualTicker ticker = new ManualTicker();
    final ScriptedPools pools = new ScriptedPools();
    final ScriptedUpstreams upstreams = new ScriptedUpstreams();
    final HttpMetrics metrics = new HttpMetrics();
    final ActiveSnapshot active = new ActiveSnapshot(metrics);
    private final SnapshotLinker linker =
            new SnapshotLinker(pools, ticker, upstreams, new NoProxies());
    private final RequestPipeline pipeline;
    private long version = 41;

    PipelineFixture() {
        this(PipelineSettings.DEFAULT);
    }

    PipelineFixture(PipelineSettings settings) {
        pipeline = new RequestPipeline(active, metrics, settings, ticker, new Random(1));
    }

    /// A pipeline that serves these APIs as version 42.
    static PipelineFixture serving(ApiFixture... apis) {
        var fixture = new PipelineFixture();
        fixture.serve(apis);
        return fixture;
    }

    /// Serves these APIs as the next version.
    void serve(ApiFixture... apis) {
        serveLoaded(Arrays.stream(apis).map(ApiFixture::load).toArray(LoadedApi[]::new));
    }

    /// Serves these APIs as the next version.
    void serveLoaded(LoadedApi... apis) {
        version++;
        try {
            active.swap(link(List.of(apis)));
        } catch (LinkException e) {
            throw new AssertionError(e);
        }
    }

    RecordedExchange get(String target) {
        return send(RecordedExchange.of("GET", "a.localhost", target));
    }

    RecordedExchange send(RecordedExchange exchange) {
        pipeline.handle(exchange);
        return exchange.runTasks();
    }

    void handle(Exchange exchange) {
        pipeline.handle(exchange);
    }

    static JsonNode json(RecordedExchange exchange) {
        return MAPPER.readTree(exchange.bodyBytes());
    }

    private PreparedSnapshot link(List<LoadedApi> apis) throws LinkException {
        @Nullable PreparedSnapshot previous = active.current();
        return linker.link(version, ApiFixture.digest("root"), apis, previous);
    }
}
