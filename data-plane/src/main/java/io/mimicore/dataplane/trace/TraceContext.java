package io.mimicore.dataplane.trace;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One span of a trace: which trace it belongs to, which span it is, and which one caused it.
///
/// The span of a request is made by [#ofRequest]; each call to an upstream is a [#child] of it,
/// whose [#traceparent] and [#tracestate] go out with the call. Immutable.
///
/// @param traceHigh the first 64 bits of the trace's id; not both halves are 0
/// @param traceLow the last 64 bits of the trace's id
/// @param spanId this span, never 0
/// @param parentSpanId the span that caused it; 0: it is the first one
/// @param isSampled whether whoever began the trace wants its spans kept
/// @param isRandom whether the trace's id was drawn at random, which those after us may rely on
/// @param tracestate what tracing systems tell each other, to be passed on as it is; empty: nothing
/// @see <a href="https://www.w3.org/TR/trace-context-2/">W3C Trace Context, Level 2</a>
public record TraceContext(
        long traceHigh,
        long traceLow,
        long spanId,
        long parentSpanId,
        boolean isSampled,
        boolean isRandom,
        String tracestate) {
    /// The header that names trace and span, in lower case.
    public static final String TRACEPARENT = "traceparent";

    /// The header with what tracing systems add, in lower case.
    public static final String TRACESTATE = "tracestate";

    /// Longest `tracestate` that is passed on, in characters; §3.3.1.5 asks for this much. A longer
    /// one is dropped, which the trace survives.
    static final int TRACESTATE_CHARS_MAX = 512;

    private static final int VERSION_00_CHARS = 55;
    private static final int TRACE_AT = 3;
    private static final int SPAN_AT = 36;
    private static final int FLAGS_AT = 53;
    private static final int SAMPLED = 1;
    private static final int RANDOM = 2;
    private static final String DIGITS = "0123456789abcdef";

    public TraceContext {
        if ((traceHigh | traceLow) == 0) {
            throw new IllegalArgumentException("trace id: 0 (expected: any other)");
        }
        if (spanId == 0) {
            throw new IllegalArgumentException("spanId: 0 (expected: any other)");
        }
    }

    /// The span of a request: a child of the one its headers name, or the first one of a new trace,
    /// which is not kept.
    ///
    /// Headers that break the rules are taken as absent (§4.3).
    ///
    /// @param random draws ids; thread-safe or the caller's own
    public static TraceContext ofRequest(
            @Nullable String traceparent, @Nullable String tracestate, RandomGenerator random) {
        TraceContext caller = parse(traceparent, tracestate);
        return caller == null ? begin(random, false) : caller.child(random);
    }

    /// The first span of a new trace.
    public static TraceContext begin(RandomGenerator random, boolean isSampled) {
        long low = nonZero(random);
        return new TraceContext(random.nextLong(), low, nonZero(random), 0, isSampled, true, "");
    }

    /// The span that two headers name.
    ///
    /// @return `null` if there is no valid `traceparent`
    public static @Nullable TraceContext parse(
            @Nullable String traceparent, @Nullable String tracestate) {
        if (traceparent == null || !hasShape(traceparent)) {
            return null;
        }
        long high = hex(traceparent, TRACE_AT, 16);
        long low = hex(traceparent, TRACE_AT + 16, 16);
        long span = hex(traceparent, SPAN_AT, 16);
        if ((high | low) == 0 || span == 0) {
            return null;
        }
        long flags = hex(traceparent, FLAGS_AT, 2);
        return new TraceContext(
                high,
                low,
                span,
                0,
                (flags & SAMPLED) != 0,
                (flags & RANDOM) != 0,
                passableState(tracestate));
    }

    /// A span that this one causes.
    public TraceContext child(RandomGenerator random) {
        return new TraceContext(
                traceHigh, traceLow, nonZero(random), spanId, isSampled, isRandom, tracestate);
    }

    /// The value of the header `traceparent`, in version 00.
    public String traceparent() {
        var text = new StringBuilder(VERSION_00_CHARS).append("00-");
        appendHex(text, traceHigh);
        appendHex(text, traceLow);
        appendHex(text.append('-'), spanId);
        int flags = (isSampled ? SAMPLED : 0) | (isRandom ? RANDOM : 0);
        return text.append("-0").append(flags).toString();
    }

    /// The trace's id: 32 hex digits.
    public String traceId() {
        var text = new StringBuilder(32);
        appendHex(text, traceHigh);
        appendHex(text, traceLow);
        return text.toString();
    }

    /// A span's id as text: 16 hex digits.
    public static String spanText(long span) {
        var text = new StringBuilder(16);
        appendHex(text, span);
        return text.toString();
    }

    /// §3.2: lower-case hex and dashes at their places. A version after 00 may have more behind the
    /// flags, parted by a dash; version ff is none.
    private static boolean hasShape(String text) {
        int length = text.length();
        if (length < VERSION_00_CHARS || text.startsWith("ff")) {
            return false;
        }
        if (length > VERSION_00_CHARS
                && (text.startsWith("00") || text.charAt(VERSION_00_CHARS) != '-')) {
            return false;
        }
        for (int i = 0; i < VERSION_00_CHARS; i++) {
            boolean dash = i == TRACE_AT - 1 || i == SPAN_AT - 1 || i == FLAGS_AT - 1;
            char c = text.charAt(i);
            if (dash ? c != '-' : DIGITS.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String passableState(@Nullable String tracestate) {
        if (tracestate == null || tracestate.length() > TRACESTATE_CHARS_MAX) {
            return "";
        }
        for (int i = 0; i < tracestate.length(); i++) {
            char c = tracestate.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                return "";
            }
        }
        return tracestate;
    }

    private static long nonZero(RandomGenerator random) {
        long drawn = random.nextLong();
        return drawn == 0 ? 1 : drawn;
    }

    private static long hex(String text, int from, int digits) {
        return Long.parseUnsignedLong(text, from, from + digits, 16);
    }

    private static void appendHex(StringBuilder out, long value) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            out.append(DIGITS.charAt((int) (value >>> shift) & 0xf));
        }
    }
}
