package io.mimicore.dataplane.accesslog;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Writes an entry as one line of JSON. Whatever a client sends, it cannot end the line or the text
/// it is in: control characters are escaped, as are the line separators that some readers know.
final class AccessLine {
    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final double MICROS_PER_MILLI = 1_000;

    private AccessLine() {}

    static void append(StringBuilder out, AccessEntry entry) {
        out.append("{\"time\":\"").append(Instant.ofEpochMilli(entry.timeMillis())).append('"');
        text(out, "request_id", entry.requestId());
        text(out, "trace_id", entry.traceId());
        text(out, "client", entry.client());
        text(out, "method", entry.method());
        text(out, "host", entry.host());
        text(out, "path", entry.path());
        number(out, "status", entry.status());
        number(out, "bytes", entry.bodyBytes());
        millis(out, entry.durationNanos());
        text(out, "api", entry.api());
        text(out, "route", entry.route());
        number(out, "version", entry.version());
        if (!entry.upstream().isEmpty()) {
            appendUpstream(out, entry);
        }
        out.append("}\n");
    }

    private static void appendUpstream(StringBuilder out, AccessEntry entry) {
        out.append(",\"upstream\":[");
        String separator = "{";
        for (AccessEntry.UpstreamCall call : entry.upstream()) {
            out.append(separator).append("\"call\":");
            quoted(out, call.call());
            number(out, "status", call.status());
            millis(out, call.durationNanos());
            out.append('}');
            separator = ",{";
        }
        out.append(']');
    }

    private static void text(StringBuilder out, String name, String value) {
        if (!value.isEmpty()) {
            out.append(",\"").append(name).append("\":");
            quoted(out, value);
        }
    }

    private static void number(StringBuilder out, String name, long value) {
        out.append(",\"").append(name).append("\":").append(value);
    }

    /// In milliseconds with three decimals, as much as the clock is worth.
    private static void millis(StringBuilder out, long nanos) {
        out.append(",\"duration_ms\":")
                .append(Math.round(nanos / NANOS_PER_MILLI * MICROS_PER_MILLI) / MICROS_PER_MILLI);
    }

    private static void quoted(StringBuilder out, String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >> shift & 0xf, 16));
                }
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
