package io.mimicore.dataplane.limit;

/// A monotonic clock for intervals.
@FunctionalInterface
public interface Ticker {
    /// The machine's own.
    Ticker SYSTEM = System::nanoTime;

    /// Nanoseconds since an arbitrary moment; never goes back.
    long nanos();
}
