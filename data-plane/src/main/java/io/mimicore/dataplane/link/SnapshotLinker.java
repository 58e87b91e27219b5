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
    private final PoolPreparation pools;
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
        this.pools =
                new PoolPreparation(
                        requireNonNull(pools, "pools"), Runtime.getRuntime().availableProcessors());
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
        var held = new ArrayList<SharedPool>();
        boolean done = false;
        try {
            List<Draft> settled = new ArrayList<>();
            for (Draft draft : drafts) {
                settled.add(settle(draft, held, problems));
            }
            Map<String, SharedPool> made = makePools(settled, held, problems);
            if (!problems.isEmpty()) {
                throw new LinkException(problems);
            }
            Map<String, LinkedApi> linked = new LinkedHashMap<>();
            for (Draft draft : settled) {
                linked.put(draft.name(), finish(draft, made));
            }
            var snapshot = new PreparedSnapshot(version, root, hosts(linked), linked);
            done = true;
            return snapshot;
        } finally {
            if (!done) {
                held.forEach(SharedPool::release);
            }
        }
    }

    private Draft draft(LoadedApi api, @Nullable LinkedApi previous, List<LinkProblem> problems) {
        if (previous != null && previous.isSameAs(api)) {
            return new Draft(api, previous, null, null);
        }
        return new Draft(api, previous, table(api.ir(), previous, problems), null);
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

    /// Holds the pool that is taken over, if there is one.
    ///
    /// @param held gets it
    private Draft settle(Draft draft, List<SharedPool> held, List<LinkProblem> problems) {
        LinkedApi previous = draft.previous();
        if (previous == null) {
            return draft;
        }
        LoadedApi api = draft.api();
        SharedPool known = previous.sharedPool();
        LinkedApi.RouteTable table = draft.table();
        if (table == null) {
            if (known == null || known.tryRetain()) {
                if (known != null) {
                    held.add(known);
                }
                return draft;
            }
            return new Draft(api, previous, table(api.ir(), previous, problems), null);
        }
        if (table.callsCode()
                && known != null
                && previous.hasSameCodeAs(api)
                && known.tryRetain()) {
            held.add(known);
            return new Draft(api, previous, table, known);
        }
        return draft;
    }

    /// Makes the pools that are missing.
    ///
    /// @param held gets them as well
    /// @return by API
    private Map<String, SharedPool> makePools(
            List<Draft> drafts, List<SharedPool> held, List<LinkProblem> problems) {
        List<LoadedApi> missing = new ArrayList<>();
        for (Draft draft : drafts) {
            LinkedApi.RouteTable table = draft.table();
            if (table != null && table.callsCode() && draft.pool() == null) {
                missing.add(draft.api());
            }
        }
        Map<String, SharedPool> made = new HashMap<>();
        List<PoolPreparation.Outcome> outcomes = pools.prepare(missing);
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case PoolPreparation.Outcome.Ready(SharedPool pool) -> {
                    held.add(pool);
                    made.put(missing.get(i).ir().name(), pool);
                }
                case PoolPreparation.Outcome.Failed(LinkProblem problem) -> problems.add(problem);
            }
        }
        return made;
    }

    private LinkedApi finish(Draft draft, Map<String, SharedPool> made) {
        LinkedApi previous = draft.previous();
        LinkedApi.RouteTable table = draft.table();
        if (table == null) {
            return requireNonNull(previous, "previous");
        }
        SharedPool pool = draft.pool() == null ? made.get(draft.name()) : draft.pool();
        LoadedApi api = draft.api();
        return new LinkedApi(api, bucket(api.ir().rateLimit(), previous), table, pool);
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
    /// @param pool `null` unless another table's pool is taken over
    private record Draft(
            LoadedApi api,
            @Nullable LinkedApi previous,
            LinkedApi.@Nullable RouteTable table,
            @Nullable SharedPool pool) {
        String name() {
            return api.ir().name();
        }
    }
}
