package io.mimicore.dataplane.snapshot;

import io.mimicore.dataplane.limit.Ticker;
import io.mimicore.proto.snapshot.v1.Report;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Turns running totals into the counters of windows. Confined to the client's thread.
final class ReportWindow {
    private final Supplier<TrafficTotals> totals;
    private final Ticker ticker;
    private TrafficTotals before = TrafficTotals.NONE;
    private long sinceNanos;

    ReportWindow(Supplier<TrafficTotals> totals, Ticker ticker) {
        this.totals = totals;
        this.ticker = ticker;
    }

    /// Begins a window; what was counted before belongs to none.
    void begin() {
        before = totals.get();
        sinceNanos = ticker.nanos();
    }

    /// Ends the window and begins the next.
    ///
    /// @param version the version that served during it
    Report next(long version) {
        TrafficTotals start = before;
        long startNanos = sinceNanos;
        begin();
        return Report.newBuilder()
                .setVersion(version)
                .setWindowMillis(TimeUnit.NANOSECONDS.toMillis(sinceNanos - startNanos))
                .setRequests(more(start.requests(), before.requests()))
                .setServerErrors(more(start.serverErrors(), before.serverErrors()))
                .setWasmFailures(more(start.wasmFailures(), before.wasmFailures()))
                .build();
    }

    /// Sums over counters that are read one after the other may be off by what happens meanwhile.
    private static long more(long start, long end) {
        return Math.max(0, end - start);
    }
}
