package io.mimicore.benchmarks.change;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What was measured, what was aimed at, and whether it was reached, as rows of Markdown. Not
/// thread-safe.
final class ResultTable {
    private final List<String> rows = new ArrayList<>();
    private final PrintStream progress;

    /// @param progress gets each row as it is known
    ResultTable(PrintStream progress) {
        this.progress = progress;
        add("| what | measured | target | met |");
        add("| --- | --- | --- | --- |");
    }

    /// A row whose figure must be at most the target.
    ///
    /// @param detail the measured figures in words
    void atMost(String what, String detail, double figure, double target) {
        String met = figure <= target ? "yes" : "**no**";
        add(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | at most %.0f ms | %s |",
                        what,
                        detail,
                        target,
                        met));
    }

    /// A row whose count must be this.
    void exactly(String what, long count, long target) {
        add(
                "| "
                        + what
                        + " | "
                        + count
                        + " | "
                        + target
                        + " | "
                        + (count == target ? "yes" : "**no**")
                        + " |");
    }

    /// A row to compare others with.
    void yardstick(String what, String detail) {
        add("| " + what + " | " + detail + " | | |");
    }

    void print(PrintStream out) {
        out.println();
        rows.forEach(out::println);
    }

    private void add(String row) {
        rows.add(row);
        progress.println(row);
    }
}
