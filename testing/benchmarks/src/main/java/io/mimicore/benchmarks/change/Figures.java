package io.mimicore.benchmarks.change;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Measured times in milliseconds, sorted.
record Figures(List<Double> sortedMillis) {
    private static final double NANOS_PER_MILLI = 1e6;

    Figures {
        sortedMillis = List.copyOf(sortedMillis);
        if (sortedMillis.isEmpty()) {
            throw new IllegalArgumentException("sortedMillis: empty (expected: at least one)");
        }
    }

    static Figures ofNanos(long... nanos) {
        return new Figures(
                Arrays.stream(nanos).sorted().mapToObj(each -> each / NANOS_PER_MILLI).toList());
    }

    double median() {
        int middle = sortedMillis.size() / 2;
        return sortedMillis.size() % 2 == 1
                ? sortedMillis.get(middle)
                : (sortedMillis.get(middle - 1) + sortedMillis.get(middle)) / 2;
    }

    /// The nearest rank.
    ///
    /// @param share above 0, at most 1
    double percentile(double share) {
        return sortedMillis.get((int) Math.ceil(share * sortedMillis.size()) - 1);
    }

    double longest() {
        return sortedMillis.getLast();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "median %.0f, p90 %.0f, longest %.0f",
                median(),
                percentile(0.9),
                longest());
    }
}
