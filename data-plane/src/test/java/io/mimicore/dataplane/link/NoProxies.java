package io.mimicore.dataplane.link;

import io.mimicore.dataplane.call.ProxyCaller;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.trace.TraceContext;
import io.mimicore.ir.Serving;
import org.jspecify.annotations.Nullable;

/// Has no target.
public final class NoProxies implements ProxyCaller {
    @Override
    public Target target(Serving.ProxyTarget target) {
        throw new IllegalArgumentException("target: " + target + " (expected: none)");
    }

    @Override
    public void pass(
            Exchange exchange,
            Target target,
            AnswerFields fields,
            @Nullable TraceContext span,
            Completion completion) {
        throw new IllegalStateException("target: " + target.name() + " (expected: none)");
    }
}
