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
    private final TrustedProxies trusted;
    private final FastThreadLocal<Scratch> scratch =
            new FastThreadLocal<>() {
                @Override
                protected Scratch initialValue() {
                    return new Scratch(new RequestLines(trusted), new ResponseLines());
                }
            };

    /// Believes nobody about where a request comes from.
    ///
    /// @param upstreams on the loops that the exchanges are on
    public ProxyClient(UpstreamClient upstreams, ProxyLimits limits) {
        this(upstreams, limits, TrustedProxies.NONE);
    }

    /// @param upstreams on the loops that the exchanges are on
    /// @param trusted who is believed about where a request comes from
    public ProxyClient(UpstreamClient upstreams, ProxyLimits limits, TrustedProxies trusted) {
        this.trusted = requireNonNull(trusted, "trusted");
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
