package io.mimicore.dataplane.upstream.proxy;

import static java.util.Objects.requireNonNull;

import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.dataplane.upstream.UpstreamClient;
import io.mimicore.ir.Serving;
import io.netty.util.concurrent.FastThreadLocal;

import org.jspecify.annotations.Nullable;

/// Passes exchanges on over the connections of an [UpstreamClient]. Thread-safe.
public final class ProxyClient implements ProxyCaller {
    private final UpstreamClient upstreams;
    private final ProxyLimits limits;
    private final FastThreadLocal<Scratch> scratch =
            new FastThreadLocal<>() {
                @Override
                protected Scratch initialValue() {
                    return new Scratch(new RequestLines(), new ResponseLines());
                }
            };

    /// @param upstreams on the loops that the exchanges are on
    public ProxyClient(UpstreamClient upstreams, ProxyLimits limits) {
        this.upstreams = requireNonNull(upstreams, "upstreams");
        this.limits = requireNonNull(limits, "limits");
    }

    @Override
    public Target target(Serving.ProxyTarget target) {
        return ProxyTarget.of(target, upstreams);
    }

    @Override
    public void pass(
            Exchange exchange,
            Target target,
            AnswerFields fields,
            @Nullable TraceContext span,
            Completion completion) {
        new Relay(this, (ProxyTarget) target, fields, span, completion).start(exchange);
    }

    UpstreamClient upstreams() {
        return upstreams;
    }

    ProxyLimits limits() {
        return limits;
    }

    /// What the relays of this loop write heads with.
    Scratch scratch() {
        return scratch.get();
    }

    /// Used by one relay at a time, for the length of a call.
    record Scratch(RequestLines request, ResponseLines response) {}
}
