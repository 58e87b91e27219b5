/// Spans of requests and of their calls to upstreams, handed to an OpenTelemetry collector off the
/// event loops. Start with [SpanExport].
@NullMarked
package io.mimicore.dataplane.spans;

import org.jspecify.annotations.NullMarked;
