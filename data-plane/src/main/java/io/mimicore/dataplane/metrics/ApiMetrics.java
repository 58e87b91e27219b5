package io.mimicore.dataplane.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// What is counted for one API. A newer version of the API keeps the counters of the routes that it
/// still has.
public final class ApiMetrics {
    private final String api;
    private final LongAdder rateLimited;
    private final Map<String, RouteMetrics> routes;
    private final Map<String, CallMetrics> calls;

    private ApiMetrics(
            String api,
            LongAdder rateLimited,
            Map<String, RouteMetrics> routes,
            Map<String, CallMetrics> calls) {
        this.api = api;
        this.rateLimited = rateLimited;
        this.routes = routes;
        this.calls = calls;
    }

    /// What an API has that is counted by name.
    ///
    /// @param routes the patterns as written
    /// @param calls the names of calls to upstreams
    public record Named(List<String> routes, List<String> calls) {
        public Named {
            routes = List.copyOf(routes);
            calls = List.copyOf(calls);
        }
    }

    /// The counters of an API with these routes, and without calls.
    ///
    /// @param routes the patterns as written
    /// @param previous those of the API's version before, or `null`
    public static ApiMetrics of(String api, List<String> routes, @Nullable ApiMetrics previous) {
        return of(api, new Named(routes, List.of()), previous);
    }

    /// The counters of an API with these routes and calls.
    ///
    /// @param previous those of the API's version before, or `null`
    public static ApiMetrics of(String api, Named named, @Nullable ApiMetrics previous) {
        Map<String, RouteMetrics> known = previous == null ? Map.of() : previous.routes;
        Map<String, RouteMetrics> kept = new HashMap<>();
        for (String route : named.routes()) {
            RouteMetrics before = known.get(route);
            kept.put(route, before == null ? new RouteMetrics(api, route) : before);
        }
        Map<String, CallMetrics> calls = new HashMap<>();
        for (String call : named.calls()) {
            CallMetrics before = previous == null ? null : previous.calls.get(call);
            calls.put(call, before == null ? new CallMetrics(api, call) : before);
        }
        return new ApiMetrics(
                api,
                previous == null ? new LongAdder() : previous.rateLimited,
                Map.copyOf(kept),
                Map.copyOf(calls));
    }

    /// The `api` label.
    public String api() {
        return api;
    }

    /// The counters of a route.
    ///
    /// @param route one of those it was made for
    public RouteMetrics route(String route) {
        RouteMetrics found = routes.get(route);
        if (found == null) {
            throw new IllegalArgumentException("route: " + route + " (expected: one of the API's)");
        }
        return found;
    }

    /// The counters of the calls of a name.
    ///
    /// @param call one of those it was made for
    public CallMetrics call(String call) {
        CallMetrics found = calls.get(call);
        if (found == null) {
            throw new IllegalArgumentException("call: " + call + " (expected: one of the API's)");
        }
        return found;
    }

    Iterable<CallMetrics> calls() {
        return calls.values();
    }

    /// Counts a request that the API's rate limit turned away.
    public void countRateLimited() {
        rateLimited.increment();
    }

    /// Whether just these counters of a route are among its own.
    boolean counts(RouteMetrics route) {
        return routes.get(route.route()) == route;
    }

    Iterable<RouteMetrics> routes() {
        return routes.values();
    }

    long rateLimited() {
        return rateLimited.sum();
    }
}
