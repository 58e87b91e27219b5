package io.mimicore.dataplane.link;

import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.metrics.CallMetrics;
import io.mimicore.dataplane.metrics.RouteMetrics;

/// Where an API passes its requests on to. Immutable.
///
/// @param ownCors whether the API's own policy answers preflights and marks answers; else those of
///   the target go through as they are
/// @param requests counts the answers
/// @param calls counts how the target did
public record LinkedProxy(
        ProxyCaller caller,
        ProxyCaller.Target target,
        boolean ownCors,
        RouteMetrics requests,
        CallMetrics calls) {
    /// The route that all requests are counted under, and the path pattern it would have.
    static final String ROUTE = "/{path...}";

    /// The call that requests to the target are counted under.
    static final String CALL = "proxy";
}
