package io.mimicore.dataplane.link;

import io.mimicore.dataplane.call.HeaderBlock;
import io.mimicore.dataplane.call.UpstreamCaller;
import io.mimicore.dataplane.metrics.CallMetrics;
import io.mimicore.dataplane.render.ReplySlots;
import io.mimicore.dataplane.render.Template;
import io.mimicore.dataplane.render.UrlTemplate;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A call of `transform.http`, ready to be made. Immutable.
///
/// @param upstream where it goes to; absent: the host depends on the request
/// @param fixed header fields that are the same for every request
/// @param headers header fields that depend on it
/// @param host the `Host` field of the author; absent: that of the URL
/// @param body absent: there is none
/// @param takesAnyStatus whether a status other than 2xx is a result like any other: the author
///   reads it and has no fallback
/// @param ownTrace whether the author sends a `traceparent` of his own
/// @param onError the result of a failed call; absent: the failure ends the request
public record UpstreamPlan(
        UpstreamCaller caller,
        String name,
        String method,
        UrlTemplate url,
        UpstreamCaller.@Nullable Upstream upstream,
        HeaderBlock fixed,
        List<ResponsePlan.Header> headers,
        @Nullable Template host,
        @Nullable Template body,
        int timeoutMillis,
        boolean takesAnyStatus,
        boolean ownTrace,
        @Nullable Template onError,
        ReplySlots slots,
        CallMetrics metrics) {
    public UpstreamPlan {
        headers = List.copyOf(headers);
    }

    /// Every slot that must be filled before it can be made.
    BitSet reads() {
        BitSet reads = new BitSet();
        url.addSlotsTo(reads);
        headers.forEach(header -> header.value().addSlotsTo(reads));
        for (Template template : new Template[] {host, body, onError}) {
            if (template != null) {
                template.addSlotsTo(reads);
            }
        }
        return reads;
    }
}
