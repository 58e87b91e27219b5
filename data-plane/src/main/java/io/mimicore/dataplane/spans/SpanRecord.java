package io.mimicore.dataplane.spans;

import io.mimicore.dataplane.trace.TraceContext;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.sdk.common.InstrumentationLibraryInfo;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;

/// A span that has ended, as the exporter wants it. Immutable.
record SpanRecord(
        String name,
        SpanKind kind,
        TraceContext span,
        StatusData status,
        Time time,
        Attributes attributes,
        Resource resource,
        InstrumentationScopeInfo scope)
        implements SpanData {

    /// In nanoseconds since 1970.
    record Time(long start, long end) {}

    @Override
    public String getName() {
        return name;
    }

    @Override
    public SpanKind getKind() {
        return kind;
    }

    @Override
    public SpanContext getSpanContext() {
        return SpanContext.create(
                span.traceId(), TraceContext.spanText(span.spanId()), flags(), state());
    }

    @Override
    public SpanContext getParentSpanContext() {
        if (span.parentSpanId() == 0) {
            return SpanContext.getInvalid();
        }
        String parent = TraceContext.spanText(span.parentSpanId());
        return kind == SpanKind.SERVER
                ? SpanContext.createFromRemoteParent(span.traceId(), parent, flags(), state())
                : SpanContext.create(span.traceId(), parent, flags(), state());
    }

    @Override
    public StatusData getStatus() {
        return status;
    }

    @Override
    public long getStartEpochNanos() {
        return time.start();
    }

    @Override
    public long getEndEpochNanos() {
        return time.end();
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public List<EventData> getEvents() {
        return List.of();
    }

    @Override
    public List<LinkData> getLinks() {
        return List.of();
    }

    @Override
    public boolean hasEnded() {
        return true;
    }

    @Override
    public int getTotalRecordedEvents() {
        return 0;
    }

    @Override
    public int getTotalRecordedLinks() {
        return 0;
    }

    @Override
    public int getTotalAttributeCount() {
        return attributes.size();
    }

    /// The scope's older form, which the interface still asks for.
    @Override
    @Deprecated
    @SuppressWarnings("deprecation")
    public InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
        return InstrumentationLibraryInfo.create(scope.getName(), scope.getVersion());
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return scope;
    }

    @Override
    public Resource getResource() {
        return resource;
    }

    private static TraceFlags flags() {
        return TraceFlags.getSampled();
    }

    /// Members that are none are left out by the builder (W3C Trace Context §3.3.1.3).
    private TraceState state() {
        if (span.tracestate().isEmpty()) {
            return TraceState.getDefault();
        }
        TraceStateBuilder state = TraceState.builder();
        List<String> members = List.of(span.tracestate().split(",", -1));
        for (int i = members.size() - 1; i >= 0; i--) {
            String member = members.get(i).strip();
            int equals = member.indexOf('=');
            if (equals > 0) {
                state.put(member.substring(0, equals), member.substring(equals + 1));
            }
        }
        return state.build();
    }
}
