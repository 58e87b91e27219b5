package io.mimicore.dataplane.link;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.code.CodePoolFactory;
import io.mimicore.dataplane.cors.CorsPolicy;
import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.dataplane.limit.TokenBucket;
import io.mimicore.dataplane.metrics.ApiMetrics;
import io.mimicore.dataplane.routing.HostTable;
import io.mimicore.dataplane.routing.RouteTrie;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.ApiIr;
import io.mimicore.ir.Cors;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.HostPattern;
import io.mimicore.ir.RateLimit;
import io.mimicore.ir.Route;
import io.mimicore.ir.Serving;
import io.mimicore.ir.UpstreamCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes snapshots ready to serve. Thread-safe; blocks, so never call it on an event loop.
///
/// The work grows with what has changed: an API whose IR and artifact are the same is taken over as
/// it is, with its counters, its token bucket and its instances. Of a changed API, the counters of
/// the routes it still has, the tokens of its bucket and, where its code is the same, its instances
/// are taken over.
public final class SnapshotLinker {
    private final CodePoolFactory pools;
    private final Ticker ticker;
    private final UpstreamCaller upstreams;
    private final ProxyCaller proxies;

    /// @param pools makes the instances of user code
    /// @param ticker the clock of token buckets
    /// @param upstreams makes the calls of routes
    /// @param proxies passes on the requests of APIs without routes
    public SnapshotLinker(
            CodePoolFactory pools, Ticker ticker, UpstreamCaller upstreams, ProxyCaller proxies) {
        this.proxies = requireNonNull(proxies, "proxies");
        this.upstreams = requireNonNull(upstreams, "upstreams");
        this.pools = requireNonNull(pools, "pools");
        this.ticker = requireNonNull(ticker, "ticker");
    }

    /// Links a snapshot.
    ///
    /// @param apis every API of it, each name once
    /// @param previous the snapshot to take things over from, or `null`; it is not changed
    /// @return held once, by the caller
    /// @throws LinkException with everything that is wrong; then nothing is left behind
    public PreparedSnapshot link(
            long version, Digest root, List<LoadedApi> apis, @Nullable PreparedSnapshot previous)
            throws LinkException {
        List<LinkProblem> problems = new ArrayList<>();
        List<Draft> drafts = new ArrayList<>();
        for (LoadedApi api : apis) {
            drafts.add(
                    draft(api, previous == null ? null : previous.api(api.ir().name()), problems));
        }
        requireHostsFree(apis, problems);
        if (!problems.isEmpty()) {
            throw new LinkException(problems);
        }
        Map<String, LinkedApi> linked = new LinkedHashMap<>();
        boolean done = false;
        try {
            for (Draft draft : drafts) {
                LinkedApi api = finish(draft, problems);
                if (api != null && linked.put(api.name(), api) != null) {
                    api.releasePool();
                }
            }
            if (!problems.isEmpty()) {
                throw new LinkException(problems);
            }
            var snapshot = new PreparedSnapshot(version, root, hosts(linked), linked);
            done = true;
            return snapshot;
        } finally {
            if (!done) {
                linked.values().forEach(LinkedApi::releasePool);
            }
        }
    }

    private Draft draft(LoadedApi api, @Nullable LinkedApi previous, List<LinkProblem> problems) {
        if (previous != null && previous.isSameAs(api)) {
            return new Draft(api, previous, null);
        }
        return new Draft(api, previous, table(api.ir(), previous, problems));
    }

    private LinkedApi.RouteTable table(
            ApiIr ir, @Nullable LinkedApi previous, List<LinkProblem> problems) {
        RouteLinker.ProblemSink sink =
                (code, message) -> problems.add(new LinkProblem(ir.name(), code, message));
        return switch (ir.serving()) {
            case Serving.Routes serving -> routeTable(ir, serving.routes(), previous, sink);
            case Serving.Proxy proxy -> proxyTable(ir, proxy, previous, sink);
        };
    }

    private LinkedApi.RouteTable routeTable(
            ApiIr ir,
            List<Route> routes,
            @Nullable LinkedApi previous,
            RouteLinker.ProblemSink sink) {
        CorsPolicy cors = CorsPolicy.of(ir.cors());
        ApiMetrics metrics =
                ApiMetrics.of(
                        ir.name(),
                        new ApiMetrics.Named(
                                routes.stream().map(route -> route.path().text()).toList(),
                                routes.stream()
                                        .flatMap(route -> route.upstreamCalls().stream())
                                        .map(UpstreamCall::name)
                                        .toList()),
                        previous == null ? null : previous.metrics());
        List<FunctionSignature> functions =
                ir.userCode() == null ? List.of() : ir.userCode().functions();
        var linker = new RouteLinker(cors, functions, new UpstreamLinker(upstreams, metrics), sink);
        RouteTrie.Builder<LinkedRoute> trie = RouteTrie.builder();
        boolean callsCode = false;
        for (Route route : routes) {
            LinkedRoute linked = linker.link(route, metrics.route(route.path().text()));
            if (linked != null) {
                trie.add(route.methods(), route.path(), linked);
                callsCode |=
                        linked instanceof LinkedRoute.Dynamic dynamic
                                && dynamic.steps().callsCode();
            }
        }
        return new LinkedApi.RouteTable(cors, trie.build(), metrics, callsCode, null);
    }

    private LinkedApi.RouteTable proxyTable(
            ApiIr ir,
            Serving.Proxy serving,
            @Nullable LinkedApi previous,
            RouteLinker.ProblemSink sink) {
        ApiMetrics metrics =
                ApiMetrics.of(
                        ir.name(),
                        new ApiMetrics.Named(List.of(LinkedProxy.ROUTE), List.of(LinkedProxy.CALL)),
                        previous == null ? null : previous.metrics());
        LinkedProxy proxy = null;
        try {
            proxy =
                    new LinkedProxy(
                            proxies,
                            proxies.target(serving.target()),
                            !ir.cors().equals(Cors.OPEN),
                            metrics.route(LinkedProxy.ROUTE),
                            metrics.call(LinkedProxy.CALL));
        } catch (IllegalArgumentException e) {
            sink.add(DiagnosticCode.FIELD_VALUE, String.valueOf(e.getMessage()));
        }
        RouteTrie<LinkedRoute> none = RouteTrie.<LinkedRoute>builder().build();
        return new LinkedApi.RouteTable(CorsPolicy.of(ir.cors()), none, metrics, false, proxy);
    }

    private @Nullable LinkedApi finish(Draft draft, List<LinkProblem> problems) {
        LinkedApi previous = draft.previous();
        LoadedApi api = draft.api();
        LinkedApi.RouteTable table = draft.table();
        if (table == null && previous != null) {
            SharedPool pool = previous.sharedPool();
            if (pool == null || pool.tryRetain()) {
                return previous;
            }
            table = table(api.ir(), previous, problems);
        }
        if (table == null) {
            throw new IllegalStateException("table: null (expected: one for a new API)");
        }
        if (!table.callsCode()) {
            return new LinkedApi(api, bucket(api.ir().rateLimit(), previous), table, null);
        }
        SharedPool pool = pool(api, previous, problems);
        return pool == null
                ? null
                : new LinkedApi(api, bucket(api.ir().rateLimit(), previous), table, pool);
    }

    private @Nullable SharedPool pool(
            LoadedApi api, @Nullable LinkedApi previous, List<LinkProblem> problems) {
        SharedPool known = previous == null ? null : previous.sharedPool();
        if (previous != null && known != null && previous.hasSameCodeAs(api) && known.tryRetain()) {
            return known;
        }
        String name = api.ir().name();
        if (api.artifact() == null || api.ir().userCode() == null) {
            problems.add(
                    unavailable(name, "artifact: none (expected: one, as routes call user code)"));
            return null;
        }
        try {
            return new SharedPool(pools.prepare(name, api.ir().userCode(), api.artifact().load()));
        } catch (CodePoolFactory.PrepareException | IOException e) {
            problems.add(unavailable(name, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private static LinkProblem unavailable(String api, String message) {
        return new LinkProblem(api, DiagnosticCode.BUILD_UNAVAILABLE, message);
    }

    private @Nullable TokenBucket bucket(@Nullable RateLimit limit, @Nullable LinkedApi previous) {
        if (limit == null) {
            return null;
        }
        TokenBucket known = previous == null ? null : previous.bucket();
        if (known == null) {
            return new TokenBucket(limit, ticker);
        }
        return known.limit().equals(limit) ? known : known.withLimit(limit);
    }

    private static void requireHostsFree(List<LoadedApi> apis, List<LinkProblem> problems) {
        HostTable.Builder<String> owners = HostTable.builder();
        Map<String, String> names = new HashMap<>();
        for (LoadedApi api : apis) {
            String name = api.ir().name();
            if (names.put(name, name) != null) {
                problems.add(
                        new LinkProblem(
                                name, DiagnosticCode.DUPLICATE, "api: (expected: only once)"));
                continue;
            }
            for (HostPattern host : api.ir().hosts()) {
                String owner = owners.add(host, name);
                if (owner != null && !owner.equals(name)) {
                    problems.add(
                            new LinkProblem(
                                    name,
                                    DiagnosticCode.DUPLICATE,
                                    "hosts: "
                                            + text(host)
                                            + " (expected: free, but "
                                            + owner
                                            + " has it)"));
                }
            }
        }
    }

    private static String text(HostPattern host) {
        return switch (host) {
            case HostPattern.Exact exact -> exact.host();
            case HostPattern.Suffix suffix -> "*." + suffix.suffix();
            case HostPattern.FirstLabel label -> label.label() + ".*";
        };
    }

    private static HostTable<LinkedApi> hosts(Map<String, LinkedApi> apis) {
        HostTable.Builder<LinkedApi> hosts = HostTable.builder();
        for (LinkedApi api : apis.values()) {
            api.hosts().forEach(host -> hosts.add(host, api));
        }
        return hosts.build();
    }

    /// An API half linked.
    ///
    /// @param table `null` when the API before is taken over as it is
    private record Draft(
            LoadedApi api, @Nullable LinkedApi previous, LinkedApi.@Nullable RouteTable table) {}
}
