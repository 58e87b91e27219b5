package io.mimicore.benchmarks.fleet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Times in milliseconds. Not thread-safe.
final class Times {
    private final List<Double> millis = new ArrayList<>();

    void add(double value) {
        millis.add(value);
        Collections.sort(millis);
    }

    /// By the nearest rank.
    ///
    /// @param share above 0, at most 1
    double percentile(double share) {
        return millis.get((int) Math.ceil(share * millis.size()) - 1);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "median %.0f, p99 %.0f ms (%d times)",
                percentile(0.5),
                percentile(0.99),
                millis.size());
    }
}
