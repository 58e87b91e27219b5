package io.mimicore.benchmarks;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.call.CallRequest;
import io.mimicore.dataplane.call.UpstreamCaller;

/// Upstreams of configs that call none.
final class NoUpstreams implements UpstreamCaller {
    @Override
    public Upstream upstream(Authority authority) {
        throw new IllegalStateException(authority + " (expected: no calls)");
    }

    @Override
    public Running call(Upstream upstream, CallRequest request, Completion completion) {
        throw new IllegalStateException(upstream.authority() + " (expected: no calls)");
    }

    @Override
    public boolean offload(Runnable work) {
        return false;
    }
}
