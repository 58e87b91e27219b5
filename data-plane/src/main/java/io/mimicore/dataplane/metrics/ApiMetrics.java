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

    private ApiMetrics(String api, LongAdder rateLimited, Map<String, RouteMetrics> routes) {
        this.api = api;
        this.rateLimited = rateLimited;
        this.routes = routes;
    }

    /// The counters of an API with these routes.
    ///
    /// @param routes the patterns as written
    /// @param previous those of the API's version before, or `null`
    public static ApiMetrics of(String api, List<String> routes, @Nullable ApiMetrics previous) {
        Map<String, RouteMetrics> known = previous == null ? Map.of() : previous.routes;
        Map<String, RouteMetrics> kept = new HashMap<>();
        for (String route : routes) {
            RouteMetrics before = known.get(route);
            kept.put(route, before == null ? new RouteMetrics(api, route) : before);
        }
        return new ApiMetrics(
                api, previous == null ? new LongAdder() : previous.rateLimited, Map.copyOf(kept));
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
